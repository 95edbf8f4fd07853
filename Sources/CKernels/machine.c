#define _GNU_SOURCE
#include "include/Machine.h"

#include <sched.h>
#include <stdint.h>

int reflux_available_cores(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <time.h>

/* Which register states the operating system saves (the XCR0 register). */
static uint64_t saved_states(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE)) return 0;
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

/* Bit `bit` of register `reg` (0 to 3: a to d) of leaf 7. */
static bool feature(unsigned subleaf, int reg, int bit, uint64_t states) {
    unsigned r[4];
    if ((saved_states() & states) != states) return false;
    if (!__get_cpuid_count(7, subleaf, &r[0], &r[1], &r[2], &r[3])) return false;
    return (r[reg] >> bit) & 1;
}

/* States: 0x6 SSE and AVX, 0xe6 AVX-512 too, 0x60000 the AMX tiles. */
bool reflux_has_avx2(void) { return feature(0, 1, 5, 0x6); }

bool reflux_has_avx512(void) {
    return feature(0, 1, 16, 0xe6) && feature(0, 1, 17, 0xe6) && feature(0, 1, 30, 0xe6)
        && feature(0, 1, 31, 0xe6);
}

bool reflux_has_avx512_bf16(void) { return reflux_has_avx512() && feature(1, 0, 5, 0xe6); }

bool reflux_has_avx512_vnni(void) { return reflux_has_avx512() && feature(0, 2, 11, 0xe6); }

bool reflux_has_amx_bf16(void) { return reflux_has_avx512() && feature(0, 3, 22, 0x600e6); }

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Enough independent sums to keep the multipliers busy. */
enum { SUMS = 12, TURNS = 1500 };

/* The compiler must neither drop a sum nor hoist a product out of its loop. */
#define KEEP(x) __asm__ volatile("" : "+v"(x))

__attribute__((target("avx512f"))) static double time_of_floats(void) {
    __m512 sums[SUMS], a = _mm512_set1_ps(1), b = a;
    for (int i = 0; i < SUMS; i++) sums[i] = _mm512_setzero_ps();
    double start = seconds();
    for (int turn = 0; turn < TURNS; turn++) {
#pragma unroll
        for (int i = 0; i < SUMS; i++) {
            sums[i] = _mm512_fmadd_ps(a, b, sums[i]);
            KEEP(sums[i]);
        }
    }
    return seconds() - start;
}

__attribute__((target("avx512f,avx512bf16"))) static double time_of_bf16(void) {
    __m512 sums[SUMS];
    __m512bh a = (__m512bh)_mm512_set1_epi32(0x3f803f80), b = a;
    for (int i = 0; i < SUMS; i++) sums[i] = _mm512_setzero_ps();
    double start = seconds();
    for (int turn = 0; turn < TURNS; turn++) {
#pragma unroll
        for (int i = 0; i < SUMS; i++) {
            sums[i] = _mm512_dpbf16_ps(sums[i], a, b);
            KEEP(sums[i]);
        }
    }
    return seconds() - start;
}

double reflux_bf16_advantage(void) {
    if (!reflux_has_avx512_bf16()) return 0;
    /* The fastest of several, in turns: what else runs on the core meets both. */
    double floats = 1, bf16 = 1;
    for (int round = 0; round < 12; round++) {
        double f = time_of_floats(), b = time_of_bf16();
        floats = f < floats ? f : floats;
        bf16 = b < bf16 ? b : bf16;
    }
    return bf16 > 0 ? 2 * floats / bf16 : 0;
}

#else

bool reflux_has_avx2(void) { return false; }
bool reflux_has_avx512(void) { return false; }
bool reflux_has_avx512_bf16(void) { return false; }
bool reflux_has_avx512_vnni(void) { return false; }
bool reflux_has_amx_bf16(void) { return false; }
double reflux_bf16_advantage(void) { return 0; }

#endif
