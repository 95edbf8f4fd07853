#include "include/Elementwise.h"

#include "kernel.h"

/* Positions whose words are drawn at a time. */
enum { CHUNK = 64 };

/* words[j][i]: word j of position first + i. */
INLINE void draw(
    const reflux_mask_key *key, uint32_t first, uint32_t words[restrict 4][CHUNK]) {
    for (int i = 0; i < CHUNK; i++) {
        uint32_t a = first + (uint32_t)i, b = key->sample, c = key->prompt, d = key->step;
        uint32_t k0 = key->key[0], k1 = key->key[1];
        for (int round = 0; round < 10; round++) {
            uint64_t p0 = (uint64_t)a * 0xD2511F53u, p1 = (uint64_t)c * 0xCD9E8D57u;
            a = (uint32_t)(p1 >> 32) ^ b ^ k0;
            b = (uint32_t)p1;
            c = (uint32_t)(p0 >> 32) ^ d ^ k1;
            d = (uint32_t)p0;
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        words[0][i] = a;
        words[1][i] = b;
        words[2][i] = c;
        words[3][i] = d;
    }
}

INLINE void drop_halves(
    const uint32_t *restrict words, int shift, uint32_t threshold, const uint16_t *x,
    uint16_t *out, int count) {
    for (int i = 0; i < count; i++) {
        out[i] = (words[i] >> shift & 0xffff) < threshold ? 0 : x[i];
    }
}

INLINE void drop_words(
    const uint32_t *restrict words, int shift, uint32_t threshold, const uint32_t *x,
    uint32_t *out, int count) {
    for (int i = 0; i < count; i++) {
        out[i] = (words[i] >> shift & 0xffff) < threshold ? 0 : x[i];
    }
}

KERNEL void reflux_drop(
    const reflux_mask_key *key, uint32_t first, uint32_t threshold, const void *x, void *out,
    int width, int bytes) {
    int groups = (width + 7) / 8;
    uint32_t words[4][CHUNK];
    for (int start = 0; start < groups; start += CHUNK) {
        draw(key, first + (uint32_t)start, words);
        for (int lane = 0; lane < 8; lane++) {
            int at = lane * groups + start;
            int end = at + CHUNK < (lane + 1) * groups ? at + CHUNK : (lane + 1) * groups;
            int count = (end < width ? end : width) - at;
            int shift = lane % 2 * 16;
            if (count <= 0) break;
            if (bytes == 2) {
                drop_halves(
                    words[lane / 2], shift, threshold, (const uint16_t *)x + at,
                    (uint16_t *)out + at, count);
            } else {
                drop_words(
                    words[lane / 2], shift, threshold, (const uint32_t *)x + at,
                    (uint32_t *)out + at, count);
            }
        }
    }
}
