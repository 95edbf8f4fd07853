/* What every kernel file shares: the clones, the bf16 conversions and a vectorisable exponential. */
#ifndef REFLUX_KERNEL_H
#define REFLUX_KERNEL_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#define KERNEL __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define KERNEL
#endif

#define INLINE static inline __attribute__((always_inline))

/* Lets sums be taken in any order, so that they can be vectorised; to stand first in a block. */
#define REASSOCIATE _Pragma("clang fp reassociate(on) contract(fast)")

INLINE uint16_t round_to_bf16(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    uint32_t quiet = (bits >> 16) | 0x40;
    return (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? quiet : rounded);
}

INLINE float widen_bf16(uint16_t x) {
    uint32_t bits = (uint32_t)x << 16;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

/* Element i of an array of floats or bf16; with a constant flag the branch disappears. */
INLINE void put(void *out, size_t i, float value, int bf16) {
    if (bf16) {
        ((uint16_t *)out)[i] = round_to_bf16(value);
    } else {
        ((float *)out)[i] = value;
    }
}

INLINE float get(const void *in, size_t i, int bf16) {
    return bf16 ? widen_bf16(((const uint16_t *)in)[i]) : ((const float *)in)[i];
}

INLINE void *element(void *base, size_t i, int bf16) {
    return bf16 ? (void *)((uint16_t *)base + i) : (void *)((float *)base + i);
}

INLINE const void *const_element(const void *base, size_t i, int bf16) {
    return bf16 ? (const void *)((const uint16_t *)base + i)
                : (const void *)((const float *)base + i);
}

/* exp(x) to about one unit in the last place: 2^n times the polynomial of Cephes' expf (Moshier)
 * on |r| <= ln 2 / 2. Below -87.3 it is exactly 0, above 88.3 the value there; NaN stays NaN. */
INLINE float fast_exp(float x) {
    const float low = -87.3f, high = 88.3f;
    float c = x < low ? low : x;
    c = c > high ? high : c;
    float shifted = c * 1.44269504f + 12582912.0f;
    int32_t bits;
    memcpy(&bits, &shifted, 4);
    float n = shifted - 12582912.0f;
    float r = c - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    uint32_t power = (uint32_t)(bits - 0x4b400000 + 127) << 23;
    float scale;
    memcpy(&scale, &power, 4);
    float result = p * scale;
    return x < low ? 0.0f : result;
}

#endif
