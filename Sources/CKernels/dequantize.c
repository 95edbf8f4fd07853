#include "include/Dequantize.h"

#include "kernel.h"

/* Fused multiply-adds would round once where the reference rounds twice. */
#pragma STDC FP_CONTRACT OFF

INLINE float widen_f16(uint16_t x) {
    uint32_t sign = (uint32_t)(x & 0x8000) << 16, exponent = x >> 10 & 0x1f, fraction = x & 0x3ff;
    uint32_t bits = sign | (exponent + 112) << 23 | fraction << 13;
    if (exponent == 31) bits = sign | 0x7f800000 | fraction << 13;
    float value;
    memcpy(&value, &bits, 4);
    float small = (float)fraction * 0x1p-24f;
    return exponent ? value : sign ? -small : small;
}

INLINE float half_at(const uint8_t *x) {
    return widen_f16((uint16_t)(x[0] | (uint16_t)x[1] << 8));
}

void reflux_from_f16(const uint16_t *x, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = widen_f16(x[i]);
}

/* Blocks of 32: elements 0 to 15 are the low halves of the bytes, 16 to 31 the high halves; a fifth
 * bit of element i is bit i of `high`. */
INLINE int quant(const uint8_t *low, uint32_t high, int i) {
    int four = i < 16 ? low[i] & 15 : low[i - 16] >> 4;
    return four | (int)(high >> i & 1) << 4;
}

INLINE uint32_t word_at(const uint8_t *x) {
    return x[0] | (uint32_t)x[1] << 8 | (uint32_t)x[2] << 16 | (uint32_t)x[3] << 24;
}

KERNEL void reflux_from_q4_0(const uint8_t *x, float *out, size_t blocks) {
    for (; blocks; blocks--, x += 18, out += 32) {
        float d = half_at(x);
        for (int i = 0; i < 32; i++) out[i] = d * (float)(quant(x + 2, 0, i) - 8);
    }
}

KERNEL void reflux_from_q4_1(const uint8_t *x, float *out, size_t blocks) {
    for (; blocks; blocks--, x += 20, out += 32) {
        float d = half_at(x), m = half_at(x + 2);
        for (int i = 0; i < 32; i++) out[i] = d * (float)quant(x + 4, 0, i) + m;
    }
}

KERNEL void reflux_from_q5_0(const uint8_t *x, float *out, size_t blocks) {
    for (; blocks; blocks--, x += 22, out += 32) {
        float d = half_at(x);
        uint32_t high = word_at(x + 2);
        for (int i = 0; i < 32; i++) out[i] = d * (float)(quant(x + 6, high, i) - 16);
    }
}

KERNEL void reflux_from_q5_1(const uint8_t *x, float *out, size_t blocks) {
    for (; blocks; blocks--, x += 24, out += 32) {
        float d = half_at(x), m = half_at(x + 2);
        uint32_t high = word_at(x + 4);
        for (int i = 0; i < 32; i++) out[i] = d * (float)quant(x + 8, high, i) + m;
    }
}

KERNEL void reflux_from_q8_0(const uint8_t *x, float *out, size_t blocks) {
    for (; blocks; blocks--, x += 34, out += 32) {
        float d = half_at(x);
        for (int i = 0; i < 32; i++) out[i] = (float)(int8_t)x[2 + i] * d;
    }
}

/* Scale and minimum of each of the 8 groups of a block, 6 bits each, packed in 12 bytes. */
INLINE void group_scales(const uint8_t *x, uint8_t *scales, uint8_t *minima) {
    for (int i = 0; i < 4; i++) {
        scales[i] = x[i] & 63;
        minima[i] = x[4 + i] & 63;
        scales[4 + i] = (uint8_t)((x[8 + i] & 15) | (x[i] >> 2 & 0x30));
        minima[4 + i] = (uint8_t)((x[8 + i] >> 4) | (x[4 + i] >> 2 & 0x30));
    }
}

/* Groups of 32: even ones are the low halves of 32 bytes, the next one their high halves; a fifth
 * bit of element i in group g is bit g of high[i]. */
INLINE void from_groups(
    const uint8_t *x, const uint8_t *low, const uint8_t *high, float *restrict out) {
    float d = half_at(x), m = half_at(x + 2);
    uint8_t scales[8], minima[8];
    group_scales(x + 4, scales, minima);
    for (int g = 0; g < 8; g++) {
        float scale = d * (float)scales[g], minimum = m * (float)minima[g];
        const uint8_t *bytes = low + g / 2 * 32;
        for (int i = 0; i < 32; i++) {
            int four = g % 2 ? bytes[i] >> 4 : bytes[i] & 15;
            int five = high ? (high[i] >> g & 1) << 4 : 0;
            out[g * 32 + i] = scale * (float)(four | five) - minimum;
        }
    }
}

KERNEL void reflux_from_q4_k(const uint8_t *x, float *out, size_t blocks) {
    for (; blocks; blocks--, x += 144, out += 256) from_groups(x, x + 16, NULL, out);
}

KERNEL void reflux_from_q5_k(const uint8_t *x, float *out, size_t blocks) {
    for (; blocks; blocks--, x += 176, out += 256) from_groups(x, x + 48, x + 16, out);
}

/* 128 bytes of low halves, 64 of upper pairs of bits, 16 scales of 16 elements each. Each half of the
 * block: 4 groups of 32, from the low halves of 64 bytes and then the high halves. */
KERNEL void reflux_from_q6_k(const uint8_t *x, float *out, size_t blocks) {
    for (; blocks; blocks--, x += 210, out += 256) {
        float d = half_at(x + 208);
        const int8_t *scales = (const int8_t *)x + 192;
        for (int g = 0; g < 8; g++) {
            const uint8_t *low = x + g / 4 * 64 + g % 2 * 32, *high = x + 128 + g / 4 * 32;
            for (int i = 0; i < 32; i++) {
                int four = g % 4 < 2 ? low[i] & 15 : low[i] >> 4;
                int q = (four | (high[i] >> g % 4 * 2 & 3) << 4) - 32;
                float scale = d * (float)scales[g * 2 + i / 16];
                out[g * 32 + i] = scale * (float)q;
            }
        }
    }
}
