/* Blocks of quantised weights, as GGUF files hold them, to floats. The formats are those of ggml
 * (github.com/ggml-org/ggml, ggml-common.h); numbers are the same, bit for bit, as those of the
 * Python package gguf. */
#ifndef REFLUX_DEQUANTIZE_H
#define REFLUX_DEQUANTIZE_H

#include <stddef.h>
#include <stdint.h>

/* Converts `count` IEEE 754 half-precision numbers. */
void reflux_from_f16(const uint16_t *x, float *out, size_t count);

/* out gets `blocks` times the block's elements. Blocks may lie at any address; integers in them are
 * little-endian. Elements and bytes of a block: Q4_0 32, 18; Q4_1 32, 20; Q5_0 32, 22; Q5_1 32, 24;
 * Q8_0 32, 34; Q4_K 256, 144; Q5_K 256, 176; Q6_K 256, 210. */
void reflux_from_q4_0(const uint8_t *x, float *out, size_t blocks);
void reflux_from_q4_1(const uint8_t *x, float *out, size_t blocks);
void reflux_from_q5_0(const uint8_t *x, float *out, size_t blocks);
void reflux_from_q5_1(const uint8_t *x, float *out, size_t blocks);
void reflux_from_q8_0(const uint8_t *x, float *out, size_t blocks);
void reflux_from_q4_k(const uint8_t *x, float *out, size_t blocks);
void reflux_from_q5_k(const uint8_t *x, float *out, size_t blocks);
void reflux_from_q6_k(const uint8_t *x, float *out, size_t blocks);

#endif
