#include "include/Head.h"

#include "kernel.h"

/* sum exp(x - m), and sum exp(x - m) x unless `weighted` is NULL. */
INLINE float exponential_sum(const float *restrict x, int width, float m, float *weighted) {
    REASSOCIATE
    float sum = 0, product = 0;
    if (weighted) {
        for (int i = 0; i < width; i++) {
            float e = fast_exp(x[i] - m);
            sum += e;
            product += e * x[i];
        }
        *weighted = product;
    } else {
        for (int i = 0; i < width; i++) sum += fast_exp(x[i] - m);
    }
    return sum;
}

void reflux_softmax_begin(reflux_softmax_state *states, int rows) {
    for (int r = 0; r < rows; r++) states[r] = (reflux_softmax_state){-INFINITY, 0, 0, 0};
}

KERNEL void reflux_softmax_continue(
    reflux_softmax_state *states, const float *logits, size_t stride, const int32_t *targets,
    int rows, int first, int width, int with_entropy) {
    for (int r = 0; r < rows; r++) {
        const float *row = logits + (size_t)r * stride;
        reflux_softmax_state *state = &states[r];
        float m = largest_of(row, width), weighted = 0;
        m = state->largest > m ? state->largest : m;
        float sum = exponential_sum(row, width, m, with_entropy ? &weighted : NULL);
        float shrink = fast_exp(state->largest - m);
        state->largest = m;
        state->sum = state->sum * shrink + sum;
        state->weighted = state->weighted * shrink + weighted;
        int target = targets[r] - first;
        if (target >= 0 && target < width) state->target = row[target];
    }
}

/* H = log sum exp(x) - sum p x. */
KERNEL void reflux_softmax_end(
    const reflux_softmax_state *restrict states, int rows, float *restrict log_probabilities,
    float *restrict log_sums, float *restrict entropies) {
    for (int r = 0; r < rows; r++) {
        float log_sum = states[r].largest + fast_log(states[r].sum);
        log_probabilities[r] = states[r].target - log_sum;
        log_sums[r] = log_sum;
        if (entropies) entropies[r] = log_sum - states[r].weighted / states[r].sum;
    }
}

/* d log p(t) / d x_j = [j = t] - p_j;  d H / d x_j = -p_j (log p_j + H). */
INLINE void gradient_row(
    const float *restrict x, float log_sum, float entropy, float by_log, float by_entropy,
    int width, void *restrict out, int bf16) {
    if (by_entropy == 0) {
        for (int i = 0; i < width; i++) {
            put(out, (size_t)i, -by_log * fast_exp(x[i] - log_sum), bf16);
        }
        return;
    }
    for (int i = 0; i < width; i++) {
        float l = x[i] - log_sum, p = fast_exp(l);
        put(out, (size_t)i, -p * (by_log + by_entropy * (l + entropy)), bf16);
    }
}

INLINE float target_gradient(
    float x, float log_sum, float entropy, float by_log, float by_entropy) {
    float l = x - log_sum, p = expf(l);
    return by_log - p * (by_log + by_entropy * (l + entropy));
}

KERNEL void reflux_log_softmax_backward(
    const float *logits, size_t stride, const int32_t *targets, const float *log_sums,
    const float *entropies, const float *by_log_probability, const float *by_entropy, int rows,
    int first, int width, void *dlogits, size_t out_stride, int bf16) {
    for (int r = 0; r < rows; r++) {
        const float *row = logits + (size_t)r * stride;
        float log = by_log_probability[r], entropy = by_entropy ? by_entropy[r] : 0;
        float h = by_entropy ? entropies[r] : 0;
        size_t at = (size_t)r * out_stride;
        if (bf16) {
            gradient_row(
                row, log_sums[r], h, log, entropy, width, (uint16_t *)dlogits + at, 1);
        } else {
            gradient_row(row, log_sums[r], h, log, entropy, width, (float *)dlogits + at, 0);
        }
        int target = targets[r] - first;
        if (target < 0 || target >= width) continue;
        float own = target_gradient(row[target], log_sums[r], h, log, entropy);
        put(dlogits, at + (size_t)target, own, bf16);
    }
}

KERNEL void reflux_scalar_head(
    const float *restrict x, const float *restrict weight, float bias, int rows, int width,
    float *restrict out) {
    REASSOCIATE
    for (int r = 0; r < rows; r++) {
        const float *row = x + (size_t)r * (size_t)width;
        float sum = 0;
        for (int i = 0; i < width; i++) sum += row[i] * weight[i];
        out[r] = sum + bias;
    }
}

KERNEL void reflux_scalar_head_backward(
    const float *restrict x, const float *restrict weight, const float *restrict dout, int rows,
    int width, float *restrict dweight, float *restrict dbias, float *restrict dx) {
    for (int r = 0; r < rows; r++) {
        const float *row = x + (size_t)r * (size_t)width;
        float d = dout[r];
        *dbias += d;
        for (int i = 0; i < width; i++) dweight[i] += d * row[i];
        if (!dx) continue;
        for (int i = 0; i < width; i++) dx[(size_t)r * (size_t)width + (size_t)i] = d * weight[i];
    }
}
