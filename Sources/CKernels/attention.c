#include "include/Attention.h"

#include "tile.h"

/* Queries that are treated together: their scores against all keys fit the second-level cache. */
enum { BLOCK = 24 };

INLINE int up16(int n) { return (n + 15) & ~15; }

/* to [count, up16(width)] = scale * x, padded with zeros. */
INLINE void copy_padded(
    const float *restrict x, size_t stride, int count, int width, float scale,
    float *restrict to) {
    int padded = up16(width);
    for (int t = 0; t < count; t++) {
        const float *row = x + (size_t)t * stride;
        float *out = to + (size_t)t * (size_t)padded;
        for (int i = 0; i < width; i++) out[i] = scale * row[i];
        for (int i = width; i < padded; i++) out[i] = 0;
    }
}

/* to [width, up16(count)] = the transpose of x, padded with zeros. */
INLINE void copy_transposed(
    const float *restrict x, size_t stride, int count, int width, float *restrict to) {
    size_t padded = (size_t)up16(count);
    for (int i = 0; i < width; i++) {
        float *out = to + (size_t)i * padded;
        for (int t = 0; t < count; t++) out[t] = x[(size_t)t * stride + (size_t)i];
        for (size_t t = (size_t)count; t < padded; t++) out[t] = 0;
    }
}

/* x = exp(x - m) for `count` elements; returns their sum. */
INLINE float exponentiate(float *restrict x, int count, float m) {
    REASSOCIATE
    float sum = 0;
    for (int i = 0; i < count; i++) {
        x[i] = fast_exp(x[i] - m);
        sum += x[i];
    }
    return sum;
}

/* Leaves out the keys after query t: their scores become minus infinity, up to `padded`. */
INLINE void mask(float *row, int t, int padded) {
    for (int j = t + 1; j < padded; j++) row[j] = -INFINITY;
}

size_t reflux_attention_scratch(int count, int head_width) {
    size_t keys = (size_t)up16(count), width = (size_t)up16(head_width);
    /* k transposed, v, the block's q, scores, results */
    return keys * (size_t)head_width + (size_t)count * width
        + (size_t)BLOCK * (2 * width + keys);
}

typedef struct {
    float *k_transposed, *v, *q, *scores, *result;
    int width;   /* head width, padded */
    size_t keys; /* count, padded: the stride of scores */
} forward_scratch;

INLINE forward_scratch lay_out(float *scratch, int count, int head_width) {
    forward_scratch s = {.width = up16(head_width), .keys = (size_t)up16(count)};
    size_t width = (size_t)s.width;
    s.k_transposed = scratch;
    s.v = s.k_transposed + s.keys * (size_t)head_width;
    s.q = s.v + (size_t)count * width;
    s.scores = s.q + BLOCK * width;
    s.result = s.scores + BLOCK * s.keys;
    return s;
}

/* Scores of the queries first ..< last against the keys up to the last of them, then softmax
 * without the division; sums[i] gets the row's sum, `log_sums` its logarithm. */
INLINE void soft_scores(
    const forward_scratch *s, int first, int last, int head_width, float *sums, float *log_sums,
    size_t log_stride) {
    int padded = up16(last);
    float largest[BLOCK];
    multiply_small(
        last - first, padded, head_width, s->q, (size_t)s->width, 1, s->k_transposed, s->keys,
        s->scores, s->keys, 0);
    for (int t = first; t < last; t++) {
        float *row = s->scores + (size_t)(t - first) * s->keys;
        mask(row, t, padded);
        largest[t - first] = largest_of(row, padded);
        sums[t - first] = exponentiate(row, padded, largest[t - first]);
    }
    if (!log_sums) return;
    for (int r = 0; r < last - first; r++) largest[r] += fast_log(sums[r]);
    for (int t = first; t < last; t++) log_sums[(size_t)t * log_stride] = largest[t - first];
}

INLINE void write_result(
    const forward_scratch *s, int rows, int head_width, const float *sums, void *out,
    size_t out_stride, int bf16) {
    for (int r = 0; r < rows; r++) {
        const float *row = s->result + (size_t)r * (size_t)s->width;
        float inverse = 1.0f / sums[r];
        for (int i = 0; i < head_width; i++) {
            put(out, (size_t)r * out_stride + (size_t)i, row[i] * inverse, bf16);
        }
    }
}

KERNEL void reflux_attention(
    const float *q, const float *k, const float *v, size_t stride, int count, int group,
    int head_width, float scale, void *out, size_t out_stride, int bf16, float *log_sums,
    size_t log_stride, float *scratch) {
    forward_scratch s = lay_out(scratch, count, head_width);
    float sums[BLOCK];
    copy_transposed(k, stride, count, head_width, s.k_transposed);
    copy_padded(v, stride, count, head_width, 1, s.v);
    for (int g = 0; g < group; g++) {
        size_t head = (size_t)g * (size_t)head_width;
        for (int first = 0; first < count; first += BLOCK) {
            int last = first + BLOCK < count ? first + BLOCK : count;
            copy_padded(
                q + head + (size_t)first * stride, stride, last - first, head_width, scale, s.q);
            soft_scores(
                &s, first, last, head_width, sums, log_sums ? log_sums + g : NULL, log_stride);
            multiply_small(
                last - first, s.width, last, s.scores, s.keys, 1, s.v, (size_t)s.width, s.result,
                (size_t)s.width, 0);
            size_t at = head + (size_t)first * out_stride;
            if (bf16) {
                write_result(
                    &s, last - first, head_width, sums, (uint16_t *)out + at, out_stride, 1);
            } else {
                write_result(&s, last - first, head_width, sums, (float *)out + at, out_stride, 0);
            }
        }
    }
}

size_t reflux_attention_backward_scratch(int count, int head_width) {
    size_t keys = (size_t)up16(count), width = (size_t)up16(head_width), rows = (size_t)count;
    /* k and v transposed; k, dk, dv; the block's q, dout, dq; scores and their gradients */
    return 2 * keys * (size_t)head_width + 3 * rows * width
        + (size_t)BLOCK * (3 * width + 2 * keys);
}

typedef struct {
    float *k_transposed, *v_transposed, *k, *dk, *dv, *q, *dout, *dq, *scores, *dscores;
    int width;
    size_t keys;
} backward_scratch;

INLINE backward_scratch lay_out_backward(float *scratch, int count, int head_width) {
    backward_scratch s = {.width = up16(head_width), .keys = (size_t)up16(count)};
    size_t width = (size_t)s.width, rows = (size_t)count;
    s.k_transposed = scratch;
    s.v_transposed = s.k_transposed + s.keys * (size_t)head_width;
    s.k = s.v_transposed + s.keys * (size_t)head_width;
    s.dk = s.k + rows * width;
    s.dv = s.dk + rows * width;
    s.q = s.dv + rows * width;
    s.dout = s.q + BLOCK * width;
    s.dq = s.dout + BLOCK * width;
    s.scores = s.dq + BLOCK * width;
    s.dscores = s.scores + BLOCK * s.keys;
    return s;
}

/* p = exp(score - log sum), ds = p (dp - sum p dp), over the keys up to `padded`. */
INLINE void score_gradient(
    float *restrict p, float *restrict dp, float log_sum, int padded) {
    REASSOCIATE
    float dot = 0;
    for (int j = 0; j < padded; j++) {
        p[j] = fast_exp(p[j] - log_sum);
        dot += p[j] * dp[j];
    }
    for (int j = 0; j < padded; j++) dp[j] = p[j] * (dp[j] - dot);
}

/* One block of queries: fills dq, adds to dk and dv. */
INLINE void backward_block(
    const backward_scratch *s, int first, int last, int head_width, const float *log_sums,
    size_t log_stride) {
    int rows = last - first, padded = up16(last);
    size_t width = (size_t)s->width;
    multiply_small(
        rows, padded, head_width, s->q, width, 1, s->k_transposed, s->keys, s->scores, s->keys, 0);
    multiply_small(
        rows, padded, head_width, s->dout, width, 1, s->v_transposed, s->keys, s->dscores, s->keys,
        0);
    for (int t = first; t < last; t++) {
        float *p = s->scores + (size_t)(t - first) * s->keys;
        mask(p, t, padded);
        score_gradient(
            p, s->dscores + (size_t)(t - first) * s->keys, log_sums[(size_t)t * log_stride],
            padded);
    }
    multiply_small(rows, s->width, last, s->dscores, s->keys, 1, s->k, width, s->dq, width, 0);
    multiply_small(last, s->width, rows, s->dscores, 1, s->keys, s->q, width, s->dk, width, 1);
    multiply_small(last, s->width, rows, s->scores, 1, s->keys, s->dout, width, s->dv, width, 1);
}

INLINE void copy_back(
    const float *restrict from, int width, int rows, int head_width, float scale,
    float *restrict to, size_t stride) {
    for (int r = 0; r < rows; r++) {
        const float *row = from + (size_t)r * (size_t)width;
        float *out = to + (size_t)r * stride;
        for (int i = 0; i < head_width; i++) out[i] = scale * row[i];
    }
}

KERNEL void reflux_attention_backward(
    const float *q, const float *k, const float *v, size_t stride, int count, int group,
    int head_width, float scale, const float *dout, size_t out_stride, const float *log_sums,
    size_t log_stride, float *dq, float *dk, float *dv, float *scratch) {
    backward_scratch s = lay_out_backward(scratch, count, head_width);
    size_t kept = (size_t)count * (size_t)s.width * sizeof(float);
    copy_transposed(k, stride, count, head_width, s.k_transposed);
    copy_transposed(v, stride, count, head_width, s.v_transposed);
    copy_padded(k, stride, count, head_width, 1, s.k);
    memset(s.dk, 0, kept);
    memset(s.dv, 0, kept);
    for (int g = 0; g < group; g++) {
        size_t head = (size_t)g * (size_t)head_width;
        for (int first = 0; first < count; first += BLOCK) {
            int last = first + BLOCK < count ? first + BLOCK : count, rows = last - first;
            size_t at = head + (size_t)first * stride;
            copy_padded(q + at, stride, rows, head_width, scale, s.q);
            copy_padded(
                dout + head + (size_t)first * out_stride, out_stride, rows, head_width, 1, s.dout);
            backward_block(&s, first, last, head_width, log_sums + g, log_stride);
            copy_back(s.dq, s.width, rows, head_width, scale, dq + at, stride);
        }
    }
    copy_back(s.dk, s.width, count, head_width, 1, dk, stride);
    copy_back(s.dv, s.width, count, head_width, 1, dv, stride);
}
