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

/* The columns from `before` on of to [width, keys] = the transpose of x, and zeros up to a multiple
 * of 16. */
INLINE void copy_transposed(
    const float *restrict x, size_t stride, int before, int count, int width, float *restrict to,
    size_t keys) {
    int padded = up16(before + count) - before;
    for (int i = 0; i < width; i++) {
        float *out = to + (size_t)i * keys + before;
        for (int t = 0; t < count; t++) out[t] = x[(size_t)t * stride + (size_t)i];
        for (int t = count; t < padded; t++) out[t] = 0;
    }
}

/* The sum of `count` numbers that are not negative, a multiple of 16; zeros behind them do not
 * change a bit of it. */
INLINE float sum_of(const float *x, int count) {
    vector even = 0, odd = 0;
    int i = 0;
    for (; i + 32 <= count; i += 32) {
        even += *(const vector *)(x + i);
        odd += *(const vector *)(x + i + 16);
    }
    if (i < count) even += *(const vector *)(x + i);
    vector lanes = even + odd;
    vector8 eight = lanes.hi + lanes.lo;
    vector4 four = eight.hi + eight.lo;
    return (four.x + four.y) + (four.z + four.w);
}

/* x = exp(x - m) for `count` elements, a multiple of 16; returns their sum. */
INLINE float exponentiate(float *restrict x, int count, float m) {
    for (int i = 0; i < count; i++) x[i] = fast_exp(x[i] - m);
    return sum_of(x, count);
}

/* Leaves out the keys after query t: their scores become minus infinity, up to `padded`. */
INLINE void mask(float *row, int t, int padded) {
    for (int j = t + 1; j < padded; j++) row[j] = -INFINITY;
}

/* The tokens of the longest sequence of a group. */
INLINE int longest(const int32_t *lengths, int parts) {
    int own = 0;
    for (int part = 1; part < parts; part++) own = lengths[part] > own ? lengths[part] : own;
    return lengths[0] + own;
}

size_t reflux_attention_scratch(const int32_t *lengths, int parts, int head_width) {
    int count = longest(lengths, parts);
    size_t keys = (size_t)up16(count), width = (size_t)up16(head_width);
    /* k transposed, v, the block's q, scores, results */
    return keys * (size_t)head_width + (size_t)count * width
        + (size_t)BLOCK * (2 * width + keys);
}

typedef struct {
    float *k_transposed, *v, *q, *scores, *result;
    int head_width;
    int width;   /* head width, padded */
    size_t keys; /* tokens of the longest sequence, padded: the stride of scores */
} forward_scratch;

INLINE forward_scratch lay_out(float *scratch, int count, int head_width) {
    forward_scratch s = {
        .head_width = head_width, .width = up16(head_width), .keys = (size_t)up16(count)};
    size_t width = (size_t)s.width;
    s.k_transposed = scratch;
    s.v = s.k_transposed + s.keys * (size_t)head_width;
    s.q = s.v + (size_t)count * width;
    s.scores = s.q + BLOCK * width;
    s.result = s.scores + BLOCK * s.keys;
    return s;
}

/* Scores of `rows` queries, the first of which stands at `position`, against the keys up to the last
 * of them, then softmax without the division; sums[r] gets the row's sum, `log_sums` its
 * logarithm. A row's bits do not depend on the keys after it, which are zeros then. */
INLINE void soft_scores(
    const forward_scratch *s, int position, int rows, float *sums, float *log_sums,
    size_t log_stride) {
    int padded = up16(position + rows);
    float largest[BLOCK];
    multiply_small(
        rows, padded, s->head_width, s->q, (size_t)s->width, 1, s->k_transposed, s->keys,
        s->scores, s->keys, 0);
    for (int r = 0; r < rows; r++) {
        float *row = s->scores + (size_t)r * s->keys;
        mask(row, position + r, padded);
        largest[r] = largest_of(row, padded);
        sums[r] = exponentiate(row, padded, largest[r]);
    }
    if (!log_sums) return;
    for (int r = 0; r < rows; r++) largest[r] += fast_log(sums[r]);
    for (int r = 0; r < rows; r++) log_sums[(size_t)r * log_stride] = largest[r];
}

INLINE void write_result(
    const forward_scratch *s, int rows, const float *sums, void *out, size_t out_stride,
    int bf16) {
    for (int r = 0; r < rows; r++) {
        const float *row = s->result + (size_t)r * (size_t)s->width;
        float inverse = 1.0f / sums[r];
        for (int i = 0; i < s->head_width; i++) {
            put(out, (size_t)r * out_stride + (size_t)i, row[i] * inverse, bf16);
        }
    }
}

/* One block of queries of one head. */
INLINE void forward_block(
    const forward_scratch *s, const float *q, size_t stride, int position, int rows, float scale,
    void *out, size_t out_stride, int bf16, float *log_sums, size_t log_stride) {
    float sums[BLOCK];
    copy_padded(q, stride, rows, s->head_width, scale, s->q);
    soft_scores(s, position, rows, sums, log_sums, log_stride);
    multiply_small(
        rows, s->width, position + rows, s->scores, s->keys, 1, s->v, (size_t)s->width, s->result,
        (size_t)s->width, 0);
    if (bf16) {
        write_result(s, rows, sums, out, out_stride, 1);
    } else {
        write_result(s, rows, sums, out, out_stride, 0);
    }
}

KERNEL void reflux_attention(
    const float *q, const float *k, const float *v, size_t stride, const int32_t *lengths,
    int parts, int group, int head_width, float scale, void *out, size_t out_stride, int bf16,
    float *log_sums, size_t log_stride, float *scratch) {
    forward_scratch s = lay_out(scratch, longest(lengths, parts), head_width);
    size_t row = 0;
    for (int part = 0; part < parts; part++) {
        int before = part ? lengths[0] : 0, count = lengths[part];
        copy_transposed(
            k + row * stride, stride, before, count, head_width, s.k_transposed, s.keys);
        copy_padded(
            v + row * stride, stride, count, head_width, 1, s.v + (size_t)before * (size_t)s.width);
        for (int g = 0; g < group; g++) {
            size_t head = (size_t)g * (size_t)head_width;
            for (int first = 0; first < count; first += BLOCK) {
                size_t at = row + (size_t)first;
                forward_block(
                    &s, q + head + at * stride, stride, before + first,
                    count - first < BLOCK ? count - first : BLOCK, scale,
                    element(out, head + at * out_stride, bf16), out_stride, bf16,
                    log_sums ? log_sums + at * log_stride + (size_t)g : NULL, log_stride);
            }
        }
        row += (size_t)count;
    }
}

size_t reflux_attention_backward_scratch(const int32_t *lengths, int parts, int head_width) {
    int count = longest(lengths, parts);
    size_t keys = (size_t)up16(count), width = (size_t)up16(head_width), rows = (size_t)count;
    /* k and v transposed; k, dk, dv; the block's q, dout, dq; scores and their gradients */
    return 2 * keys * (size_t)head_width + 3 * rows * width
        + (size_t)BLOCK * (3 * width + 2 * keys);
}

typedef struct {
    float *k_transposed, *v_transposed, *k, *dk, *dv, *q, *dout, *dq, *scores, *dscores;
    int head_width;
    int width;
    size_t keys;
} backward_scratch;

INLINE backward_scratch lay_out_backward(float *scratch, int count, int head_width) {
    backward_scratch s = {
        .head_width = head_width, .width = up16(head_width), .keys = (size_t)up16(count)};
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

INLINE void copy_back(
    const float *restrict from, int width, int rows, int head_width, float scale,
    float *restrict to, size_t stride) {
    for (int r = 0; r < rows; r++) {
        const float *row = from + (size_t)r * (size_t)width;
        float *out = to + (size_t)r * stride;
        for (int i = 0; i < head_width; i++) out[i] = scale * row[i];
    }
}

/* One block of queries of one head, the first of which stands at `position`: writes dq, adds to the
 * scratch's dk and dv. */
INLINE void backward_block(
    const backward_scratch *s, const float *q, size_t stride, int position, int rows, float scale,
    const float *dout, size_t out_stride, const float *log_sums, size_t log_stride, float *dq) {
    int last = position + rows, padded = up16(last);
    size_t width = (size_t)s->width;
    copy_padded(q, stride, rows, s->head_width, scale, s->q);
    copy_padded(dout, out_stride, rows, s->head_width, 1, s->dout);
    multiply_small(
        rows, padded, s->head_width, s->q, width, 1, s->k_transposed, s->keys, s->scores, s->keys,
        0);
    multiply_small(
        rows, padded, s->head_width, s->dout, width, 1, s->v_transposed, s->keys, s->dscores,
        s->keys, 0);
    for (int r = 0; r < rows; r++) {
        float *p = s->scores + (size_t)r * s->keys;
        mask(p, position + r, padded);
        score_gradient(
            p, s->dscores + (size_t)r * s->keys, log_sums[(size_t)r * log_stride], padded);
    }
    multiply_small(rows, s->width, last, s->dscores, s->keys, 1, s->k, width, s->dq, width, 0);
    multiply_small(last, s->width, rows, s->dscores, 1, s->keys, s->q, width, s->dk, width, 1);
    multiply_small(last, s->width, rows, s->scores, 1, s->keys, s->dout, width, s->dv, width, 1);
    copy_back(s->dq, s->width, rows, s->head_width, scale, dq, stride);
}

KERNEL void reflux_attention_backward(
    const float *q, const float *k, const float *v, size_t stride, const int32_t *lengths,
    int parts, int group, int head_width, float scale, const float *dout, size_t out_stride,
    const float *log_sums, size_t log_stride, float *dq, float *dk, float *dv, float *scratch) {
    backward_scratch s = lay_out_backward(scratch, longest(lengths, parts), head_width);
    size_t row = 0;
    for (int part = 0; part < parts; part++) {
        int before = part ? lengths[0] : 0, count = lengths[part];
        size_t own = (size_t)before * (size_t)s.width;
        size_t cleared = (size_t)count * (size_t)s.width * sizeof(float);
        copy_transposed(
            k + row * stride, stride, before, count, head_width, s.k_transposed, s.keys);
        copy_transposed(
            v + row * stride, stride, before, count, head_width, s.v_transposed, s.keys);
        copy_padded(k + row * stride, stride, count, head_width, 1, s.k + own);
        memset(s.dk + own, 0, cleared);
        memset(s.dv + own, 0, cleared);
        for (int g = 0; g < group; g++) {
            size_t head = (size_t)g * (size_t)head_width;
            for (int first = 0; first < count; first += BLOCK) {
                size_t at = row + (size_t)first;
                backward_block(
                    &s, q + head + at * stride, stride, before + first,
                    count - first < BLOCK ? count - first : BLOCK, scale,
                    dout + head + at * out_stride, out_stride, log_sums + at * log_stride + (size_t)g,
                    log_stride, dq + head + at * stride);
            }
        }
        if (part) {
            copy_back(s.dk + own, s.width, count, head_width, 1, dk + row * stride, stride);
            copy_back(s.dv + own, s.width, count, head_width, 1, dv + row * stride, stride);
        }
        row += (size_t)count;
    }
    /* The rows of the prompt have their sums from all parts. */
    copy_back(s.dk, s.width, lengths[0], head_width, 1, dk, stride);
    copy_back(s.dv, s.width, lengths[0], head_width, 1, dv, stride);
}
