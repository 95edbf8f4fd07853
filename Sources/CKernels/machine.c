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

bool reflux_has_amx_bf16(void) { return reflux_has_avx512() && feature(0, 3, 22, 0x600e6); }

#else

bool reflux_has_avx2(void) { return false; }
bool reflux_has_avx512(void) { return false; }
bool reflux_has_avx512_bf16(void) { return false; }
bool reflux_has_amx_bf16(void) { return false; }

#endif
