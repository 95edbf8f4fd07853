/* The language-model head: from logits to log-probabilities and back. */
#ifndef REFLUX_HEAD_H
#define REFLUX_HEAD_H

#include <stddef.h>
#include <stdint.h>

/* What is known of a row's softmax after some of its columns: the largest logit m, sum exp(x - m),
 * sum exp(x - m) x, and the target's logit once it was seen. */
typedef struct reflux_softmax_state {
    float largest, sum, weighted, target;
} reflux_softmax_state;

/* The state before the first column. */
void reflux_softmax_begin(reflux_softmax_state *states, int rows);

/* Goes on with the columns first ..< first + width of each row. `with_entropy` zero leaves the
 * weighted sums alone. */
void reflux_softmax_continue(
    reflux_softmax_state *states, const float *logits, size_t stride, const int32_t *targets,
    int rows, int first, int width, int with_entropy);

/* For each row: the log-probability of its target, the logarithm of the softmax denominator and,
 * unless NULL, the entropy in nats. */
void reflux_softmax_end(
    const reflux_softmax_state *states, int rows, float *log_probabilities, float *log_sums,
    float *entropies);

/* d loss / d logits of the columns first ..< first + width, from d loss / d log p(target) and d
 * loss / d entropy (NULL: zero) of each row, as floats or bf16. `entropies` is needed with
 * `by_entropy` only. */
void reflux_log_softmax_backward(
    const float *logits, size_t stride, const int32_t *targets, const float *log_sums,
    const float *entropies, const float *by_log_probability, const float *by_entropy, int rows,
    int first, int width, void *dlogits, size_t out_stride, int bf16);

/* out[r] = x[r] . weight + bias, rows of `width`. */
void reflux_scalar_head(
    const float *x, const float *weight, float bias, int rows, int width, float *out);
/* dweight[c] += sum over r of dout[r] x[r, c];  *dbias += sum of dout;  dx[r] = dout[r] weight
 * unless dx is NULL. */
void reflux_scalar_head_backward(
    const float *x, const float *weight, const float *dout, int rows, int width, float *dweight,
    float *dbias, float *dx);

#endif
