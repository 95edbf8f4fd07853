/* Row-wise parts of a transformer layer, forward and backward.
 *
 * Where an output may feed a matrix product it is a `void *` with a flag: `bf16` nonzero writes
 * bfloat16 (round to nearest even), else float. */
#ifndef REFLUX_ELEMENTWISE_H
#define REFLUX_ELEMENTWISE_H

#include <stddef.h>
#include <stdint.h>

/* out[i] = bf16(x[i]) */
void reflux_to_bf16(const float *x, uint16_t *out, size_t count);
/* out[i] = float(x[i]) */
void reflux_from_bf16(const uint16_t *x, float *out, size_t count);
/* y[i] += x[i] */
void reflux_add(float *y, const float *x, size_t count);
/* out[i] = x[i] * scale, as floats or bf16. */
void reflux_scale(const float *x, float scale, void *out, int bf16, size_t count);
/* Copies rows of `width` floats between strides, as floats or bf16. */
void reflux_copy_rows(
    const float *x, size_t stride, void *out, size_t out_stride, int rows, int width, int bf16);

/* Rounds rows of `width` weights to bf16: to one of the two numbers about each, so that a weight that
 * lies a quarter of the way is rounded up for a quarter of all indices. The element x[i] has the index
 * `index` + i, which decides alone: a weight is always rounded in the same way, and a change too small
 * for bf16 is seen in some of many weights instead of none. */
void reflux_round_weights(
    const float *x, size_t index, size_t stride, uint16_t *out, size_t out_stride, int rows,
    int width);

/* RMSNorm (Zhang and Sennrich, arXiv 1910.07467): out = x * r * weight, r = 1 / sqrt(mean x^2 +
 * epsilon). Writes r of each row to `scale` unless that is NULL. */
void reflux_rmsnorm(
    const float *x, const float *weight, float epsilon, int rows, int width, void *out, int bf16,
    float *scale);
/* dx += d loss / d x; dweight += d loss / d weight (NULL leaves it out). */
void reflux_rmsnorm_backward(
    const float *x, const float *weight, const float *scale, const float *dy, int rows, int width,
    float *dx, float *dweight);

/* RMSNorm of each head on its own, in place; row r has `heads` heads of `head_width` side by side
 * from x + r * stride, all with the same weight. Copies the rows to `kept` (from kept + r *
 * kept_stride) before, unless that is NULL. */
void reflux_head_norm(
    float *x, size_t stride, const float *weight, float epsilon, int rows, int heads,
    int head_width, float *kept, size_t kept_stride);
/* dx, which holds d loss / d output, becomes d loss / d input, in place; dweight += d loss /
 * d weight. `kept` holds the inputs. */
void reflux_head_norm_backward(
    const float *kept, size_t kept_stride, const float *weight, float epsilon, int rows, int heads,
    int head_width, float *dx, size_t stride, float *dweight);

/* Rotary position embedding (Su et al., arXiv 2104.09864), halves apart as Hugging Face stores it:
 * the pair (x[i], x[i + head/2]) of each head turns by position * base^(-2i/head). Row r has
 * `heads` heads of `head_width` side by side from x + r * stride. `cosines`, `sines`: [positions,
 * head_width/2]. `backward` nonzero turns the other way. In place. */
void reflux_rope(
    float *x, size_t stride, const int32_t *positions, int rows, int heads, int head_width,
    const float *cosines, const float *sines, int backward);

/* x[r, c] += bias[c] */
void reflux_add_bias(float *x, size_t stride, const float *bias, int rows, int width);
/* sum[c] += sum over r of x[r, c] */
void reflux_add_column_sums(const float *x, size_t stride, int rows, int width, float *sum);

/* SwiGLU (Shazeer, arXiv 2002.05202): gate_up [rows, 2 width] holds gate then up in each row;
 * out [rows, width] = silu(gate) * up. `kept` (the type of `out`, NULL to leave out) gets a copy of
 * gate_up for the way back. */
void reflux_swiglu(
    const float *gate_up, int rows, int width, void *out, int bf16, void *kept);
/* dgate_up [rows, 2 width] from dout [rows, width] and the kept gate_up, both of the type that the
 * flag says. */
void reflux_swiglu_backward(
    const void *kept, const float *dout, int rows, int width, void *dgate_up, int bf16);

/* out[r] = table[ids[r]], rows of `width`. Ids are not checked. */
void reflux_gather(
    const float *table, const int32_t *ids, int rows, int width, float *out);
/* table[ids[r], c] += x[r, c] for the columns first ..< first + columns of `width`. */
void reflux_scatter_add(
    float *table, const int32_t *ids, const float *x, int rows, int width, int first, int columns);

/* Where the random numbers of a mask are drawn: key and counter of Philox 4x32-10 (Salmon et al.,
 * SC 2011), the counter being (position, sample, prompt, step). */
typedef struct reflux_mask_key {
    uint32_t key[2];
    uint32_t sample, prompt, step;
} reflux_mask_key;

/* The mask of dropout (Srivastava et al. 2014), without its scale: out[i] = 0 with probability
 * threshold / 65536, else x[i], for `width` elements of `bytes` (2 or 4) each. With groups =
 * ceil(width / 8), element i depends on the four words at position first + i % groups: on 16 bits of
 * them, the lower half of the first word for i / groups = 0, its upper half for 1, and so on. `out`
 * may be `x`. */
void reflux_drop(
    const reflux_mask_key *key, uint32_t first, uint32_t threshold, const void *x, void *out,
    int width, int bytes);

#endif
