/* Causal attention with grouped queries (Ainslie et al., arXiv 2305.13245) for one sequence and one
 * key-value head. Scores are q . k * scale.
 *
 * `group` query heads share the key-value head. q: row t, head g at q + t * stride + g *
 * head_width. k, v: row t at k + t * stride. out likewise from out_stride. */
#ifndef REFLUX_ATTENTION_H
#define REFLUX_ATTENTION_H

#include <stddef.h>

/* Floats of scratch that the functions below need for a sequence of `count` tokens. */
size_t reflux_attention_scratch(int count, int head_width);
size_t reflux_attention_backward_scratch(int count, int head_width);

/* out (float or bf16) = softmax(q k' scale) v. `log_sums` (NULL to leave out) gets the logarithm of
 * each row's softmax denominator at log_sums[t * log_stride + g]. */
void reflux_attention(
    const float *q, const float *k, const float *v, size_t stride, int count, int group,
    int head_width, float scale, void *out, size_t out_stride, int bf16, float *log_sums,
    size_t log_stride, float *scratch);

/* Writes dq, dk, dv (the strides of q) from dout (float, out_stride) and the kept logarithms. */
void reflux_attention_backward(
    const float *q, const float *k, const float *v, size_t stride, int count, int group,
    int head_width, float scale, const float *dout, size_t out_stride, const float *log_sums,
    size_t log_stride, float *dq, float *dk, float *dv, float *scratch);

#endif
