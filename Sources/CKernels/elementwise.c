#include "include/Elementwise.h"

#include "kernel.h"

KERNEL void reflux_to_bf16(const float *restrict x, uint16_t *restrict out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = round_to_bf16(x[i]);
}

KERNEL void reflux_from_bf16(const uint16_t *restrict x, float *restrict out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = widen_bf16(x[i]);
}

KERNEL void reflux_add(float *restrict y, const float *restrict x, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] += x[i];
}

KERNEL void reflux_scale(
    const float *restrict x, float scale, void *restrict out, int bf16, size_t count) {
    if (bf16) {
        for (size_t i = 0; i < count; i++) ((uint16_t *)out)[i] = round_to_bf16(x[i] * scale);
    } else {
        for (size_t i = 0; i < count; i++) ((float *)out)[i] = x[i] * scale;
    }
}

KERNEL void reflux_round_weights(
    const float *x, size_t index, size_t stride, uint16_t *out, size_t out_stride, int rows,
    int width) {
    for (int r = 0; r < rows; r++) {
        size_t first = (size_t)r * stride;
        uint16_t *to = out + (size_t)r * out_stride;
        for (int i = 0; i < width; i++) {
            size_t at = first + (size_t)i;
            to[i] = dither_to_bf16(x[at], (uint32_t)(index + at));
        }
    }
}

KERNEL void reflux_copy_rows(
    const float *restrict x, size_t stride, void *restrict out, size_t out_stride, int rows,
    int width, int bf16) {
    for (int r = 0; r < rows; r++) {
        const float *row = x + (size_t)r * stride;
        if (bf16) {
            uint16_t *to = (uint16_t *)out + (size_t)r * out_stride;
            for (int i = 0; i < width; i++) to[i] = round_to_bf16(row[i]);
        } else {
            memcpy((float *)out + (size_t)r * out_stride, row, (size_t)width * sizeof(float));
        }
    }
}

/* 1 / sqrt(mean x^2 + epsilon) */
INLINE float norm_scale(const float *restrict x, float epsilon, int width) {
    REASSOCIATE
    float sum = 0;
    for (int i = 0; i < width; i++) sum += x[i] * x[i];
    return 1.0f / sqrtf(sum / (float)width + epsilon);
}

INLINE float norm_row(
    const float *restrict x, const float *restrict weight, float epsilon, int width,
    void *restrict out, int bf16) {
    REASSOCIATE
    float scale = norm_scale(x, epsilon, width);
    for (int i = 0; i < width; i++) put(out, (size_t)i, x[i] * scale * weight[i], bf16);
    return scale;
}

KERNEL void reflux_rmsnorm(
    const float *x, const float *weight, float epsilon, int rows, int width, void *out, int bf16,
    float *scale) {
    for (int r = 0; r < rows; r++) {
        size_t at = (size_t)r * (size_t)width;
        float s = bf16 ? norm_row(x + at, weight, epsilon, width, (uint16_t *)out + at, 1)
                       : norm_row(x + at, weight, epsilon, width, (float *)out + at, 0);
        if (scale) scale[r] = s;
    }
}

/* With n = x r: dx = r (w dy - n mean(w dy n)), dw = dy n. */
INLINE void norm_row_backward(
    const float *restrict x, const float *restrict weight, float scale, const float *restrict dy,
    int width, float *restrict dx) {
    REASSOCIATE
    float dot = 0;
    for (int i = 0; i < width; i++) dot += dy[i] * weight[i] * x[i];
    float back = scale * scale * scale * dot / (float)width;
    for (int i = 0; i < width; i++) dx[i] += scale * weight[i] * dy[i] - back * x[i];
}

KERNEL void reflux_rmsnorm_backward(
    const float *x, const float *weight, const float *scale, const float *dy, int rows, int width,
    float *dx, float *restrict dweight) {
    for (int r = 0; r < rows; r++) {
        size_t at = (size_t)r * (size_t)width;
        norm_row_backward(x + at, weight, scale[r], dy + at, width, dx + at);
        if (!dweight) continue;
        float s = scale[r];
        const float *restrict row = x + at;
        const float *restrict drow = dy + at;
        for (int i = 0; i < width; i++) dweight[i] += drow[i] * row[i] * s;
    }
}

KERNEL void reflux_head_norm(
    float *x, size_t stride, const float *weight, float epsilon, int rows, int heads,
    int head_width, float *kept, size_t kept_stride) {
    for (int r = 0; r < rows; r++) {
        float *row = x + (size_t)r * stride;
        size_t bytes = (size_t)heads * (size_t)head_width * sizeof(float);
        if (kept) memcpy(kept + (size_t)r * kept_stride, row, bytes);
        for (int h = 0; h < heads; h++) {
            float *head = row + (size_t)h * (size_t)head_width;
            float scale = norm_scale(head, epsilon, head_width);
            for (int i = 0; i < head_width; i++) head[i] = head[i] * scale * weight[i];
        }
    }
}

INLINE void head_norm_backward(
    const float *restrict x, const float *restrict weight, float epsilon, int width,
    float *restrict dx, float *restrict dweight) {
    REASSOCIATE
    float scale = norm_scale(x, epsilon, width);
    float dot = 0;
    for (int i = 0; i < width; i++) dot += dx[i] * weight[i] * x[i];
    float back = scale * scale * scale * dot / (float)width;
    for (int i = 0; i < width; i++) {
        float dy = dx[i];
        dweight[i] += dy * x[i] * scale;
        dx[i] = scale * weight[i] * dy - back * x[i];
    }
}

KERNEL void reflux_head_norm_backward(
    const float *kept, size_t kept_stride, const float *weight, float epsilon, int rows, int heads,
    int head_width, float *dx, size_t stride, float *dweight) {
    for (int r = 0; r < rows; r++) {
        for (int h = 0; h < heads; h++) {
            size_t at = (size_t)h * (size_t)head_width;
            head_norm_backward(
                kept + (size_t)r * kept_stride + at, weight, epsilon, head_width,
                dx + (size_t)r * stride + at, dweight);
        }
    }
}

INLINE void turn(
    float *restrict first, float *restrict second, const float *restrict cosines,
    const float *restrict sines, float sign, int half) {
    for (int i = 0; i < half; i++) {
        float a = first[i], b = second[i], s = sign * sines[i];
        first[i] = a * cosines[i] - b * s;
        second[i] = b * cosines[i] + a * s;
    }
}

KERNEL void reflux_rope(
    float *x, size_t stride, const int32_t *positions, int rows, int heads, int head_width,
    const float *cosines, const float *sines, int backward) {
    int half = head_width / 2;
    float sign = backward ? -1.0f : 1.0f;
    for (int r = 0; r < rows; r++) {
        size_t at = (size_t)positions[r] * (size_t)half;
        for (int h = 0; h < heads; h++) {
            float *head = x + (size_t)r * stride + (size_t)h * (size_t)head_width;
            turn(head, head + half, cosines + at, sines + at, sign, half);
        }
    }
}

KERNEL void reflux_add_bias(
    float *restrict x, size_t stride, const float *restrict bias, int rows, int width) {
    for (int r = 0; r < rows; r++) {
        float *row = x + (size_t)r * stride;
        for (int i = 0; i < width; i++) row[i] += bias[i];
    }
}

KERNEL void reflux_add_column_sums(
    const float *restrict x, size_t stride, int rows, int width, float *restrict sum) {
    for (int r = 0; r < rows; r++) {
        const float *row = x + (size_t)r * stride;
        for (int i = 0; i < width; i++) sum[i] += row[i];
    }
}

INLINE void swiglu_row(
    const float *restrict gate, const float *restrict up, int width, void *restrict out, int bf16) {
    for (int i = 0; i < width; i++) {
        float g = gate[i];
        put(out, (size_t)i, g / (1.0f + fast_exp(-g)) * up[i], bf16);
    }
}

KERNEL void reflux_swiglu(
    const float *restrict gate_up, int rows, int width, void *restrict out, int bf16,
    void *restrict kept) {
    size_t w = (size_t)width;
    for (int r = 0; r < rows; r++) {
        const float *row = gate_up + (size_t)r * 2 * w;
        if (bf16) {
            swiglu_row(row, row + w, width, (uint16_t *)out + (size_t)r * w, 1);
        } else {
            swiglu_row(row, row + w, width, (float *)out + (size_t)r * w, 0);
        }
    }
    if (!kept) return;
    size_t count = (size_t)rows * 2 * w;
    if (bf16) {
        uint16_t *copy = kept;
        for (size_t i = 0; i < count; i++) copy[i] = round_to_bf16(gate_up[i]);
    } else {
        memcpy(kept, gate_up, count * sizeof(float));
    }
}

/* silu'(g) = s (1 + g (1 - s)), s = 1 / (1 + exp(-g)). */
INLINE void swiglu_row_backward(
    const void *restrict gate, const void *restrict up, const float *restrict dout, int width,
    void *restrict dgate, void *restrict dup, int bf16) {
    for (int i = 0; i < width; i++) {
        size_t at = (size_t)i;
        float g = get(gate, at, bf16), u = get(up, at, bf16), d = dout[i];
        float s = 1.0f / (1.0f + fast_exp(-g));
        put(dgate, at, d * u * s * (1.0f + g * (1.0f - s)), bf16);
        put(dup, at, d * g * s, bf16);
    }
}

KERNEL void reflux_swiglu_backward(
    const void *kept, const float *dout, int rows, int width, void *dgate_up, int bf16) {
    size_t w = (size_t)width;
    for (int r = 0; r < rows; r++) {
        size_t at = (size_t)r * 2 * w;
        const float *d = dout + (size_t)r * w;
        if (bf16) {
            swiglu_row_backward(
                (const uint16_t *)kept + at, (const uint16_t *)kept + at + w, d, width,
                (uint16_t *)dgate_up + at, (uint16_t *)dgate_up + at + w, 1);
        } else {
            swiglu_row_backward(
                (const float *)kept + at, (const float *)kept + at + w, d, width,
                (float *)dgate_up + at, (float *)dgate_up + at + w, 0);
        }
    }
}

void reflux_gather(
    const float *table, const int32_t *ids, int rows, int width, float *out) {
    size_t w = (size_t)width;
    for (int r = 0; r < rows; r++) {
        memcpy(out + (size_t)r * w, table + (size_t)ids[r] * w, w * sizeof(float));
    }
}

KERNEL void reflux_scatter_add(
    float *restrict table, const int32_t *restrict ids, const float *restrict x, int rows,
    int width, int first, int columns) {
    size_t w = (size_t)width;
    for (int r = 0; r < rows; r++) {
        float *to = table + (size_t)ids[r] * w + first;
        const float *from = x + (size_t)r * w + first;
        for (int i = 0; i < columns; i++) to[i] += from[i];
    }
}
