/* The order of every operation is that of SurrogateLoss, ClippedSurrogate, DivergenceEstimator and
 * LossAggregation of RefluxOptimizers, so that the results are the same bits. */
#include "grpo.h"

#include <math.h>

/* The loss of one token and its derivative by log pi. */
typedef struct {
    double loss;
    double derivative;
    int is_clipped;
} term;

/* Swift's min and max, which differ from C's for NaN. */
static double smaller(double x, double y) { return y < x ? y : x; }
static double larger(double x, double y) { return y >= x ? y : x; }

static term surrogate(const grpo *settings, double log_ratio, double advantage) {
    double ratio = exp(log_ratio);
    double plain = ratio * advantage;
    double bounded =
        smaller(larger(ratio, 1 - settings->clip_low), 1 + settings->clip_high) * advantage;
    double dual = settings->dual_clip;
    if (dual != 0 && advantage < 0 && smaller(plain, bounded) < dual * advantage) {
        return (term){-dual * advantage, 0, 1};
    }
    if (bounded < plain) { return (term){-bounded, 0, 1}; }
    return (term){-plain, -plain, 0};
}

/* k3 = exp(-k1) + k1 - 1 and its derivative. */
static double k3(double k1) { return expm1(-k1) + k1; }
static double k3_derivative(double k1) { return -expm1(-k1); }

static double at_least_one(uint64_t count) { return (double)(count > 1 ? count : 1); }

/* The weight of the tokens of a sequence. */
static double weight_of(const grpo *settings, const reflux_loss_batch *batch, uint64_t sequence) {
    if (settings->aggregation == AGGREGATE_TOKEN) { return 1 / at_least_one(batch->total_tokens); }
    uint64_t length = batch->offsets[sequence + 1] - batch->offsets[sequence];
    return 1 / (at_least_one(batch->total_sequences) * at_least_one(length));
}

/* Adds a token's terms to the sums; gives its derivative by log pi before the weight. */
static double add(
    const grpo *settings, const reflux_loss_batch *batch, uint64_t token, double weight,
    grpo_sums *sums) {
    double now = (double)batch->logprobs[token];
    double log_ratio = now - (double)batch->old_logprobs[token];
    term one = surrogate(settings, log_ratio, (double)batch->advantages[token]);
    double derivative = one.derivative;
    sums->policy += weight * one.loss;
    sums->clipped += one.is_clipped ? 1 : 0;
    sums->moved += k3(-log_ratio);
    if (batch->reference_logprobs != NULL) {
        double k1 = now - (double)batch->reference_logprobs[token];
        double estimate = k3(k1);
        sums->strayed += estimate;
        if (settings->kl_coefficient != 0) {
            sums->divergence += weight * estimate;
            derivative += settings->kl_coefficient * k3_derivative(k1);
        }
    }
    if (batch->entropies != NULL) {
        sums->entropy += (double)batch->entropies[token];
        sums->bonus += weight * (double)batch->entropies[token];
    }
    return derivative;
}

grpo_sums grpo_loss(const grpo *settings, const reflux_loss_batch *batch, reflux_loss *out) {
    grpo_sums sums = {0};
    for (uint64_t sequence = 0; sequence < batch->sequence_count; sequence += 1) {
        double weight = weight_of(settings, batch, sequence);
        for (uint64_t t = batch->offsets[sequence]; t < batch->offsets[sequence + 1]; t += 1) {
            double derivative = add(settings, batch, t, weight, &sums);
            out->by_logprob[t] = (float)(weight * derivative);
            if (out->by_entropy != NULL) {
                out->by_entropy[t] = (float)(-settings->entropy_coefficient * weight);
            }
        }
    }
    out->value = sums.policy + settings->kl_coefficient * sums.divergence
        - settings->entropy_coefficient * sums.bonus;
    return sums;
}
