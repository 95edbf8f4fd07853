/* Causal attention with grouped queries (Ainslie et al., arXiv 2305.13245) for one key-value head and
 * a group of sequences that begin alike. Scores are q . k * scale.
 *
 * lengths[0] rows are the beginning that all sequences share; behind it lie the lengths[part] rows
 * of each sequence's own, 0 < part < parts. Every row sees the rows of the beginning and of its own
 * sequence up to itself. A sequence alone is a beginning without parts: parts is 1.
 *
 * `group` query heads share the key-value head. q: row t, head g at q + t * stride + g *
 * head_width. k, v: row t at k + t * stride. out likewise from out_stride. */
#ifndef REFLUX_ATTENTION_H
#define REFLUX_ATTENTION_H

#include <stddef.h>
#include <stdint.h>

/* Floats of scratch that the functions below need. */
size_t reflux_attention_scratch(const int32_t *lengths, int parts, int head_width);
size_t reflux_attention_backward_scratch(const int32_t *lengths, int parts, int head_width);

/* out (float or bf16) = softmax(q k' scale) v. `log_sums` (NULL to leave out) gets the logarithm of
 * each row's softmax denominator at log_sums[t * log_stride + g]. A row's bits depend on the rows it
 * sees alone: neither on those after it nor on whether its beginning is shared. */
void reflux_attention(
    const float *q, const float *k, const float *v, size_t stride, const int32_t *lengths,
    int parts, int group, int head_width, float scale, void *out, size_t out_stride, int bf16,
    float *log_sums, size_t log_stride, float *scratch);

/* Writes dq, dk, dv (the strides of q) from dout (float, out_stride) and the kept logarithms. The
 * gradients of a shared beginning are the sums over all sequences, in their order. */
void reflux_attention_backward(
    const float *q, const float *k, const float *v, size_t stride, const int32_t *lengths,
    int parts, int group, int head_width, float scale, const float *dout, size_t out_stride,
    const float *log_sums, size_t log_stride, float *dq, float *dk, float *dv, float *scratch);

#endif
