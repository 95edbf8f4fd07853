#include "include/Optimizer.h"

#include "kernel.h"

KERNEL void reflux_adamw(
    float *restrict parameter, float *restrict gradient, float *restrict first,
    float *restrict second, size_t count, const reflux_adamw_step *step) {
    const float keep = 1.0f - step->learning_rate * step->decay;
    const float rate = step->learning_rate * step->correction1;
    const float beta1 = step->beta1, beta2 = step->beta2, scale = step->gradient_scale;
    const float correction2 = step->correction2, epsilon = step->epsilon;
    for (size_t i = 0; i < count; i++) {
        float g = gradient[i] * scale;
        float m = beta1 * first[i] + (1.0f - beta1) * g;
        float v = beta2 * second[i] + (1.0f - beta2) * g * g;
        first[i] = m;
        second[i] = v;
        gradient[i] = 0;
        float root = __builtin_elementwise_sqrt(v * correction2) + epsilon;
        parameter[i] = parameter[i] * keep - rate * m / root;
    }
}

INLINE float block_sum(const float *restrict x, size_t count) {
    REASSOCIATE
    float sum = 0;
    for (size_t i = 0; i < count; i++) sum += x[i] * x[i];
    return sum;
}

KERNEL double reflux_sum_of_squares(const float *x, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i += 1024) {
        sum += (double)block_sum(x + i, count - i < 1024 ? count - i : 1024);
    }
    return sum;
}
