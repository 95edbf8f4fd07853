/* The optimizer's passes over flat parameters. */
#ifndef REFLUX_OPTIMIZER_H
#define REFLUX_OPTIMIZER_H

#include <stddef.h>

/* The numbers of one AdamW step (Loshchilov and Hutter, arXiv 1711.05101). */
typedef struct reflux_adamw_step {
    float learning_rate;
    float beta1;
    float beta2;
    float epsilon;
    float decay;           /* decoupled weight decay */
    float correction1;     /* 1 / (1 - beta1^t) */
    float correction2;     /* 1 / (1 - beta2^t) */
    float gradient_scale;  /* clipping */
} reflux_adamw_step;

/* One step; the gradient is set to 0 in the same pass. */
void reflux_adamw(
    float *parameter, float *gradient, float *first, float *second, size_t count,
    const reflux_adamw_step *step);

/* The sum of squares, accumulated in double by blocks of fixed size. */
double reflux_sum_of_squares(const float *x, size_t count);

#endif
