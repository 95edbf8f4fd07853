/* Sixteen floats at a time, for the kernels of generation. The compiler makes one, two or four
 * registers of them, as the instruction set of the clone allows. */
#ifndef REFLUX_LANES_H
#define REFLUX_LANES_H

#include "kernel.h"

#pragma clang diagnostic ignored "-Wpsabi"

typedef float lanes __attribute__((vector_size(64)));
typedef float lanes_unaligned __attribute__((vector_size(64), aligned(4)));
typedef int32_t integer_lanes __attribute__((vector_size(64)));
typedef uint32_t bit_lanes __attribute__((vector_size(64)));
typedef uint16_t half_lanes __attribute__((vector_size(32)));
typedef uint16_t half_lanes_unaligned __attribute__((vector_size(32), aligned(2)));
typedef int8_t byte_lanes __attribute__((vector_size(16)));
typedef int8_t byte_lanes_unaligned __attribute__((vector_size(16), aligned(1)));

INLINE lanes load_lanes(const float *from) { return *(const lanes_unaligned *)from; }

INLINE void store_lanes(float *to, lanes value) { *(lanes_unaligned *)to = value; }

/* The first `count` lanes from memory, `fill` in the others. */
INLINE lanes load_some(const float *from, int count, float fill) {
    if (count >= 16) return load_lanes(from);
    float padded[16];
    for (int i = 0; i < 16; i++) padded[i] = i < count ? from[i] : fill;
    return load_lanes(padded);
}

INLINE lanes select_lanes(integer_lanes mask, lanes yes, lanes no) {
    return (lanes)((mask & (integer_lanes)yes) | (~mask & (integer_lanes)no));
}

INLINE lanes larger(lanes a, lanes b) { return select_lanes(a > b, a, b); }

INLINE float largest(lanes a) { return __builtin_reduce_max(a); }

/* The sum of the lanes, in a fixed order. */
INLINE float sum_lanes(lanes a) {
    float part[16];
    store_lanes(part, a);
    for (int width = 8; width > 0; width /= 2)
        for (int i = 0; i < width; i++) part[i] += part[i + width];
    return part[0];
}

/* exp of every lane. */
INLINE lanes exp_lanes(lanes x) {
    float numbers[16];
    store_lanes(numbers, x);
    for (int i = 0; i < 16; i++) numbers[i] = fast_exp(numbers[i]);
    return load_lanes(numbers);
}

#endif
