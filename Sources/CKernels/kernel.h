/* What every kernel file shares: the clones, the bf16 conversions and a vectorisable exponential.
 * */
#ifndef REFLUX_KERNEL_H
#define REFLUX_KERNEL_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
/* Without it, clang cuts vectors of 512 bits in two even where it may use AVX-512. */
#define WHOLE_VECTORS __attribute__((min_vector_width(512)))
#define KERNEL \
    __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4"))) WHOLE_VECTORS
#else
#define WHOLE_VECTORS
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

/* One of the two bf16 numbers about x, the nearer it is the more often: which one is a matter of the
 * index, the same at every call. Those that bf16 holds stay what they are, and so do infinities and
 * NaN. */
INLINE uint16_t dither_to_bf16(float x, uint32_t index) {
    uint32_t bits, mixed = index * 0x9E3779B1u;
    memcpy(&bits, &x, 4);
    mixed ^= mixed >> 15;
    mixed *= 0x85EBCA77u;
    uint32_t quiet = (bits >> 16) | ((bits & 0xffff) ? 0x40 : 0);
    return (uint16_t)((bits & 0x7f800000) == 0x7f800000 ? quiet : (bits + (mixed >> 16)) >> 16);
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

/* 8-bit numbers of one scale are zeros when all are smaller: one over the scale would be infinite. */
#define SMALLEST 1e-30f

/* 16 floats: one register with AVX-512, two with AVX2, four with SSE. */
typedef float vector __attribute__((ext_vector_type(16), aligned(4)));
typedef float vector8 __attribute__((ext_vector_type(8)));
typedef float vector4 __attribute__((ext_vector_type(4)));

/* The largest of `count` numbers; comparisons with NaN are false. Written with vectors because
 * compilers keep the order of comparisons, for the sake of NaN, and do not vectorise the plain
 * loop. */
INLINE float largest_of(const float *x, int count) {
    vector lanes = -INFINITY;
    int i = 0;
    for (; i + 16 <= count; i += 16) {
        vector next = *(const vector *)(x + i);
        lanes = next > lanes ? next : lanes;
    }
    vector8 eight = lanes.hi > lanes.lo ? lanes.hi : lanes.lo;
    vector4 four = eight.hi > eight.lo ? eight.hi : eight.lo;
    float a = four.x > four.y ? four.x : four.y, b = four.z > four.w ? four.z : four.w;
    float largest = a > b ? a : b;
    for (; i < count; i++) largest = x[i] > largest ? x[i] : largest;
    return largest;
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

/* log(x) of positive normal numbers to about one unit in the last place, by the polynomial of
 * Cephes' logf (Moshier) on sqrt(1/2) <= m < sqrt(2), x = m 2^e. Infinity and NaN stay what they
 * are. */
INLINE float fast_log(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    /* 0x3f3504f3 is sqrt(1/2): the exponent is that of x / sqrt(1/2). */
    uint32_t shifted = bits - 0x3f3504f3;
    float e = (float)((int32_t)shifted >> 23);
    uint32_t mantissa = (shifted & 0x7fffff) + 0x3f3504f3;
    float m;
    memcpy(&m, &mantissa, 4);
    float f = m - 1.0f, z = f * f;
    float p = 7.0376836292e-2f;
    p = p * f - 1.1514610310e-1f;
    p = p * f + 1.1676998740e-1f;
    p = p * f - 1.2420140846e-1f;
    p = p * f + 1.4249322787e-1f;
    p = p * f - 1.6668057665e-1f;
    p = p * f + 2.0000714765e-1f;
    p = p * f - 2.4999993993e-1f;
    p = p * f + 3.3333331174e-1f;
    float y = p * f * z - e * 2.12194440e-4f - 0.5f * z;
    float result = f + y + e * 0.693359375f;
    return x < INFINITY ? result : x;
}

#endif
