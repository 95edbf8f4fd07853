/* GRPO on plain arrays, without the boundary around it. */
#ifndef GRPO_H
#define GRPO_H

#include <reflux/reflux.h>

enum { AGGREGATE_SEQUENCE, AGGREGATE_TOKEN };

/* The settings, with the names of the run file. */
typedef struct {
    double clip_low;
    double clip_high;
    /* 0 is off. */
    double dual_clip;
    double deviation_floor;
    double kl_coefficient;
    double entropy_coefficient;
    int aggregation;
    uint32_t epochs;
} grpo;

/* Sums over the tokens of a micro-batch. */
typedef struct {
    double policy;
    double divergence;
    double bonus;
    double clipped;
    double moved;
    double strayed;
    double entropy;
} grpo_sums;

/* Writes the loss and its derivatives, and gives the sums behind the metrics. */
grpo_sums grpo_loss(const grpo *settings, const reflux_loss_batch *batch, reflux_loss *out);

#endif
