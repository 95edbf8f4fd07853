/* What the processor can do. */
#ifndef REFLUX_MACHINE_H
#define REFLUX_MACHINE_H

#include <stdbool.h>

/* Cores this process may use (its scheduling affinity), at least 1. */
int reflux_available_cores(void);

/* Instruction sets that both the processor and the operating system offer. */
bool reflux_has_avx2(void);
bool reflux_has_avx512(void);
bool reflux_has_avx512_bf16(void);
bool reflux_has_avx512_vnni(void);
bool reflux_has_amx_bf16(void);

/* How many multiplications of bf16 the processor's vectors (AVX512-BF16, not AMX) do in the time of
 * one of floats: 2 where both kinds of instruction are equally fast, 0.5 on some processors, 0
 * without such instructions. Measured at every call, in well under a millisecond. */
double reflux_bf16_advantage(void);

#endif
