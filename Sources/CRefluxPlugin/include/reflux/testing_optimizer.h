/* Optimizers on the mock host: batches, advantages, losses, and checks of derivatives and shares.
 * Part of testing.h. */
#ifndef REFLUX_TESTING_OPTIMIZER_H
#define REFLUX_TESTING_OPTIMIZER_H

#include "testing_instance.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A uniform number in [-1, 1): a pure function of seed and position. */
static inline double reflux_mock_uniform(uint64_t seed, uint64_t position) {
    uint64_t word = reflux_mock_mix(reflux_mock_mix(seed) ^ position);
    return (double)(word >> 11) / 4503599627370496.0 - 1;
}

/* A copy of numbers for a batch. */
static inline const float *reflux_mock_floats(
    reflux_mock *mock, const float *numbers, uint64_t count) {
    return (const float *)reflux_arena_copy(
        &mock->arena, numbers, (size_t)count * sizeof(*numbers));
}

/* Random numbers around a centre. */
static inline float *reflux_mock_noise(
    reflux_mock *mock, uint64_t count, const float *around, double centre, double width,
    uint64_t seed) {
    float *numbers =
        (float *)reflux_arena_input(&mock->arena, (size_t)count * sizeof(*numbers));
    uint64_t index;
    for (index = 0; index < count; index += 1) {
        double middle = around == NULL ? centre : centre + (double)around[index];
        numbers[index] = (float)(middle + width * reflux_mock_uniform(seed, index));
    }
    return numbers;
}

/* Rollouts of sequences of the given lengths, with groups and rewards; log-probabilities and values
 * are drawn from the seed. Replace what the test wants otherwise. */
static inline reflux_rollout_batch *reflux_mock_rollouts(
    reflux_mock *mock, uint64_t sequences, const uint64_t *lengths, const uint64_t *groups,
    const double *rewards, uint64_t seed) {
    reflux_rollout_batch *batch =
        (reflux_rollout_batch *)reflux_arena_input(&mock->arena, sizeof(*batch));
    uint64_t *offsets = (uint64_t *)reflux_arena_input(
        &mock->arena, ((size_t)sequences + 1) * sizeof(*offsets));
    uint64_t index;
    for (index = 0; index < sequences; index += 1) {
        offsets[index + 1] = offsets[index] + lengths[index];
    }
    batch->struct_size = REFLUX_STRUCT_SIZE(reflux_rollout_batch, values);
    batch->sequence_count = sequences;
    batch->token_count = offsets[sequences];
    batch->offsets = offsets;
    batch->groups = (const uint64_t *)reflux_arena_copy(
        &mock->arena, groups, (size_t)sequences * sizeof(*groups));
    batch->rewards = (const double *)reflux_arena_copy(
        &mock->arena, rewards, (size_t)sequences * sizeof(*rewards));
    batch->old_logprobs =
        reflux_mock_noise(mock, batch->token_count, NULL, -1.5, 1.4, seed);
    batch->reference_logprobs =
        reflux_mock_noise(mock, batch->token_count, batch->old_logprobs, 0, 0.3, seed + 1);
    batch->values = reflux_mock_noise(mock, batch->token_count, NULL, 0, 1, seed + 2);
    return batch;
}

/* What an optimizer needs. */
static inline reflux_optimizer_traits reflux_mock_traits(reflux_mock_instance *instance) {
    const reflux_optimizer_table *table =
        (const reflux_optimizer_table *)instance->extension->table;
    reflux_optimizer_traits traits;
    reflux_call *call = reflux_mock_begin(instance->mock, "get_traits");
    memset(&traits, 0, sizeof(traits));
    traits.struct_size = REFLUX_STRUCT_SIZE(reflux_optimizer_traits, stops_gradient);
    traits.epochs = 1;
    reflux_mock_end(instance->mock, table->get_traits(instance->handle, call, &traits));
    if (traits.epochs < 1) { reflux_mock_fault(instance->mock, "epochs is 0"); }
    return traits;
}

/* What an optimizer made of rollouts. returns is NULL without values. */
typedef struct reflux_mock_advantages {
    int32_t status;
    const float *advantages;
    const float *returns;
    uint64_t count;
} reflux_mock_advantages;

/* An output of NaN. */
static inline float *reflux_mock_unfilled(reflux_mock *mock, uint64_t count) {
    float *numbers =
        (float *)reflux_arena_output(&mock->arena, (size_t)count * sizeof(*numbers));
    uint64_t index;
    for (index = 0; index < count; index += 1) { numbers[index] = (float)NAN; }
    return numbers;
}

/* Refuses numbers that are not finite. */
static inline void reflux_mock_check_filled(
    reflux_mock *mock, const char *what, const float *numbers, uint64_t count) {
    uint64_t index;
    for (index = 0; numbers != NULL && index < count; index += 1) {
        if (!(fabs((double)numbers[index]) <= 3.4028235e38)) {
            reflux_mock_fault(
                mock, "%s %llu is %g", what, (unsigned long long)index, (double)numbers[index]);
            return;
        }
    }
}

/* Turns rollouts into advantages. What the optimizer does not need is NULL in what it sees. */
static inline reflux_mock_advantages reflux_mock_estimate(
    reflux_mock_instance *instance, const reflux_rollout_batch *batch) {
    reflux_mock *mock = instance->mock;
    const reflux_optimizer_table *table =
        (const reflux_optimizer_table *)instance->extension->table;
    reflux_optimizer_traits traits = reflux_mock_traits(instance);
    reflux_rollout_batch *seen = (reflux_rollout_batch *)reflux_arena_copy(
        &mock->arena, batch, sizeof(*batch));
    reflux_advantages *out = (reflux_advantages *)reflux_arena_input(&mock->arena, sizeof(*out));
    reflux_mock_advantages result;
    reflux_call *call;
    if (!traits.needs_values) { seen->values = NULL; }
    if (!traits.needs_reference) { seen->reference_logprobs = NULL; }
    out->struct_size = REFLUX_STRUCT_SIZE(reflux_advantages, returns);
    out->advantages = reflux_mock_unfilled(mock, batch->token_count);
    if (traits.needs_values) { out->returns = reflux_mock_unfilled(mock, batch->token_count); }
    call = reflux_mock_begin(mock, "compute_advantages");
    result.status =
        reflux_mock_end(mock, table->compute_advantages(instance->handle, call, seen, out));
    result.advantages = out->advantages;
    result.returns = out->returns;
    result.count = batch->token_count;
    if (result.status == REFLUX_OK) {
        reflux_mock_check_filled(mock, "the advantage of token", out->advantages, result.count);
        reflux_mock_check_filled(mock, "the return of token", out->returns, result.count);
    }
    return result;
}

/* An update on rollouts: the policy has moved by up to distance in every log-probability. */
static inline reflux_loss_batch *reflux_mock_update(
    reflux_mock *mock, const reflux_rollout_batch *rollouts, reflux_mock_advantages estimate,
    double distance, uint64_t seed) {
    reflux_loss_batch *batch =
        (reflux_loss_batch *)reflux_arena_input(&mock->arena, sizeof(*batch));
    uint64_t tokens = rollouts->token_count;
    batch->struct_size = REFLUX_STRUCT_SIZE(reflux_loss_batch, total_sequences);
    batch->sequence_count = rollouts->sequence_count;
    batch->token_count = tokens;
    batch->offsets = rollouts->offsets;
    batch->logprobs =
        reflux_mock_noise(mock, tokens, rollouts->old_logprobs, 0, distance, seed);
    batch->old_logprobs = rollouts->old_logprobs;
    batch->reference_logprobs = rollouts->reference_logprobs;
    batch->values = reflux_mock_noise(mock, tokens, rollouts->values, 0, distance, seed + 1);
    batch->old_values = rollouts->values;
    batch->entropies = reflux_mock_noise(mock, tokens, NULL, 1, 0.9, seed + 2);
    batch->advantages = reflux_mock_floats(mock, estimate.advantages, tokens);
    batch->returns = estimate.returns == NULL
        ? batch->values : reflux_mock_floats(mock, estimate.returns, tokens);
    batch->total_tokens = tokens;
    batch->total_sequences = rollouts->sequence_count;
    return batch;
}

/* A loss and its derivatives; what the optimizer does not need is NULL. */
typedef struct reflux_mock_loss {
    int32_t status;
    double value;
    const float *by_logprob;
    const float *by_value;
    const float *by_entropy;
} reflux_mock_loss;

/* The loss of a micro-batch. */
static inline reflux_mock_loss reflux_mock_compute_loss(
    reflux_mock_instance *instance, const reflux_loss_batch *batch) {
    reflux_mock *mock = instance->mock;
    const reflux_optimizer_table *table =
        (const reflux_optimizer_table *)instance->extension->table;
    reflux_optimizer_traits traits = reflux_mock_traits(instance);
    reflux_loss_batch *seen =
        (reflux_loss_batch *)reflux_arena_copy(&mock->arena, batch, sizeof(*batch));
    reflux_loss *out = (reflux_loss *)reflux_arena_output(&mock->arena, sizeof(*out));
    uint64_t tokens = batch->token_count;
    reflux_mock_loss result;
    reflux_call *call;
    if (!traits.needs_values) { seen->values = seen->old_values = seen->returns = NULL; }
    if (!traits.needs_reference) { seen->reference_logprobs = NULL; }
    if (!traits.needs_entropy) { seen->entropies = NULL; }
    memset(out, 0, sizeof(*out));
    out->struct_size = REFLUX_STRUCT_SIZE(reflux_loss, by_entropy);
    out->value = (double)NAN;
    out->by_logprob = reflux_mock_unfilled(mock, tokens);
    if (traits.needs_values) { out->by_value = reflux_mock_unfilled(mock, tokens); }
    if (traits.needs_entropy) { out->by_entropy = reflux_mock_unfilled(mock, tokens); }
    result.by_logprob = out->by_logprob;
    result.by_value = out->by_value;
    result.by_entropy = out->by_entropy;
    call = reflux_mock_begin(mock, "compute_loss");
    result.status = reflux_mock_end(mock, table->compute_loss(instance->handle, call, seen, out));
    result.value = out->value;
    if (result.status == REFLUX_OK) {
        if (!(fabs(out->value) <= 1.7976931348623157e308)) {
            reflux_mock_fault(mock, "the loss is %g", out->value);
        }
        if (out->by_logprob != result.by_logprob || out->by_value != result.by_value
            || out->by_entropy != result.by_entropy) {
            reflux_mock_fault(mock, "the host's buffers were replaced");
        }
        reflux_mock_check_filled(
            mock, "the derivative by log-probability", result.by_logprob, tokens);
        reflux_mock_check_filled(mock, "the derivative by value", result.by_value, tokens);
        reflux_mock_check_filled(mock, "the derivative by entropy", result.by_entropy, tokens);
    }
    return result;
}

/* Which input of a loss is moved. */
#define REFLUX_MOCK_BY_LOGPROB 0
#define REFLUX_MOCK_BY_VALUE 1
#define REFLUX_MOCK_BY_ENTROPY 2

/* How many derivatives by one kind of input disagree with central differences of the loss. */
static inline uint64_t reflux_mock_wrong_derivatives(
    reflux_mock_instance *instance, const reflux_loss_batch *batch, int by) {
    const float *point = by == REFLUX_MOCK_BY_LOGPROB ? batch->logprobs
        : by == REFLUX_MOCK_BY_VALUE ? batch->values : batch->entropies;
    reflux_mock_loss loss = reflux_mock_compute_loss(instance, batch);
    const float *found = by == REFLUX_MOCK_BY_LOGPROB ? loss.by_logprob
        : by == REFLUX_MOCK_BY_VALUE ? loss.by_value : loss.by_entropy;
    uint64_t index, wrong = 0;
    for (index = 0; found != NULL && index < batch->token_count; index += 1) {
        reflux_loss_batch moved = *batch;
        double values[2], distance, slope;
        float ends[2];
        int side;
        for (side = 0; side < 2; side += 1) {
            float *other = (float *)reflux_arena_copy(
                &instance->mock->arena, point, (size_t)batch->token_count * sizeof(*other));
            other[index] = other[index] + (side == 0 ? -1e-3f : 1e-3f);
            ends[side] = other[index];
            if (by == REFLUX_MOCK_BY_LOGPROB) { moved.logprobs = other; }
            if (by == REFLUX_MOCK_BY_VALUE) { moved.values = other; }
            if (by == REFLUX_MOCK_BY_ENTROPY) { moved.entropies = other; }
            values[side] = reflux_mock_compute_loss(instance, &moved).value;
        }
        distance = (double)ends[1] - (double)ends[0];
        slope = (values[1] - values[0]) / distance;
        if (!(fabs(slope - (double)found[index]) <= 1e-5 + 2e-3 * fabs(slope))) { wrong += 1; }
    }
    return wrong;
}

/* Checks all derivatives of a loss against central differences. A difference may reach across a
 * kink (a clip): up to kinks of them may disagree for each kind of input. Returns whether they
 * agree. */
static inline int reflux_mock_check_derivatives(
    reflux_mock_instance *instance, const reflux_loss_batch *batch, uint64_t kinks) {
    int by, right = 1;
    for (by = REFLUX_MOCK_BY_LOGPROB; by <= REFLUX_MOCK_BY_ENTROPY; by += 1) {
        uint64_t wrong = reflux_mock_wrong_derivatives(instance, batch, by);
        if (wrong > kinks) {
            right = 0;
            reflux_mock_fault(
                instance->mock, "%llu of %llu derivatives by %s disagree with finite differences",
                (unsigned long long)wrong, (unsigned long long)batch->token_count,
                by == 0 ? "log-probability" : by == 1 ? "value" : "entropy");
        }
    }
    return right;
}

/* The part of a batch that holds some of its sequences. */
static inline reflux_loss_batch reflux_mock_part(
    reflux_mock *mock, const reflux_loss_batch *batch, uint64_t first, uint64_t last) {
    reflux_loss_batch part = *batch;
    uint64_t start = batch->offsets[first], index;
    uint64_t *offsets = (uint64_t *)reflux_arena_input(
        &mock->arena, (size_t)(last - first + 1) * sizeof(*offsets));
    for (index = 0; index <= last - first; index += 1) {
        offsets[index] = batch->offsets[first + index] - start;
    }
    part.offsets = offsets;
    part.sequence_count = last - first;
    part.token_count = offsets[last - first];
    part.logprobs = reflux_mock_floats(mock, batch->logprobs + start, part.token_count);
    part.old_logprobs = reflux_mock_floats(mock, batch->old_logprobs + start, part.token_count);
    part.reference_logprobs =
        reflux_mock_floats(mock, batch->reference_logprobs + start, part.token_count);
    part.values = reflux_mock_floats(mock, batch->values + start, part.token_count);
    part.old_values = reflux_mock_floats(mock, batch->old_values + start, part.token_count);
    part.entropies = reflux_mock_floats(mock, batch->entropies + start, part.token_count);
    part.advantages = reflux_mock_floats(mock, batch->advantages + start, part.token_count);
    part.returns = reflux_mock_floats(mock, batch->returns + start, part.token_count);
    return part;
}

/* Checks that the losses of two micro-batches add up to that of the batch, and that their
 * derivatives are the batch's. Returns whether they are. */
static inline int reflux_mock_check_shares(
    reflux_mock_instance *instance, const reflux_loss_batch *batch) {
    uint64_t middle = batch->sequence_count / 2, side, index;
    reflux_mock_loss whole = reflux_mock_compute_loss(instance, batch);
    double sum = 0;
    int right = 1;
    for (side = 0; side < 2; side += 1) {
        uint64_t first = side == 0 ? 0 : middle;
        reflux_loss_batch part = reflux_mock_part(
            instance->mock, batch, first, side == 0 ? middle : batch->sequence_count);
        reflux_mock_loss loss = reflux_mock_compute_loss(instance, &part);
        sum += loss.value;
        for (index = 0; index < part.token_count; index += 1) {
            double wanted = (double)whole.by_logprob[batch->offsets[first] + index];
            double found = (double)loss.by_logprob[index];
            if (!(fabs(found - wanted) <= 1e-9 + 1e-5 * fabs(wanted))) { right = 0; }
        }
    }
    if (!(fabs(sum - whole.value) <= 1e-9 + 1e-5 * fabs(whole.value))) { right = 0; }
    if (!right) {
        reflux_mock_fault(
            instance->mock, "micro-batches give %g, the whole batch %g: divide by the totals", sum,
            whole.value);
    }
    return right;
}

#ifdef __cplusplus
}
#endif

#endif
