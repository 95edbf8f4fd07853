#include "random.h"

enum { STAGE_LABEL = 2 };

/* The finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). */
static uint64_t split_mix(uint64_t value) {
    uint64_t z = value + UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* Philox 4x32 with 10 rounds (Salmon et al., SC 2011). */
static void philox(uint32_t c[4], uint32_t k0, uint32_t k1) {
    for (int round = 0; round < 10; round += 1) {
        uint64_t p0 = (uint64_t)c[0] * UINT32_C(0xD2511F53);
        uint64_t p1 = (uint64_t)c[2] * UINT32_C(0xCD9E8D57);
        uint32_t next[4] = {
            (uint32_t)(p1 >> 32) ^ c[1] ^ k0, (uint32_t)p1, (uint32_t)(p0 >> 32) ^ c[3] ^ k1,
            (uint32_t)p0};
        for (int i = 0; i < 4; i += 1) { c[i] = next[i]; }
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
}

/* The 64 bits of a place in the stream: two to a block. */
static uint64_t draw(uint64_t seed, int64_t prompt, uint64_t place) {
    uint64_t key = split_mix(seed ^ split_mix(STAGE_LABEL + UINT64_C(0x5265666C7578)));
    uint32_t c[4] = {(uint32_t)(place / 2), 0, (uint32_t)prompt, 0};
    philox(c, (uint32_t)key, (uint32_t)(key >> 32));
    return place % 2 == 0 ? (uint64_t)c[0] << 32 | c[1] : (uint64_t)c[2] << 32 | c[3];
}

/* Lemire's method without bias, as the Swift library has it. */
uint64_t label_random_below(uint64_t seed, int64_t prompt, uint64_t bound) {
    uint64_t place = 0;
    unsigned __int128 product = (unsigned __int128)draw(seed, prompt, place) * bound;
    if ((uint64_t)product < bound) {
        uint64_t threshold = (0 - bound) % bound;
        while ((uint64_t)product < threshold) {
            place += 1;
            product = (unsigned __int128)draw(seed, prompt, place) * bound;
        }
    }
    return (uint64_t)(product >> 64);
}
