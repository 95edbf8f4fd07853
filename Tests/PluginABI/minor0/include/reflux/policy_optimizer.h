/* policy-optimizer/1: the arithmetic of a policy-gradient method on plain arrays.
 *
 * Per-token arrays are flat: sequence s owns the tokens offsets[s] .. offsets[s + 1] - 1. The host
 * turns the derivatives by log-probability, value and entropy into gradients of the weights. */
#ifndef REFLUX_POLICY_OPTIMIZER_H
#define REFLUX_POLICY_OPTIMIZER_H

#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define REFLUX_KIND_POLICY_OPTIMIZER "policy-optimizer/1"

/* What a method needs. The host sets struct_size and zeroes the rest; epochs is 1 beforehand. */
typedef struct reflux_optimizer_traits {
    uint32_t struct_size;
    /* Not 0 when every token needs a value (a value head on the policy). */
    uint32_t needs_values;
    /* Not 0 when the reference's log-probabilities are needed. */
    uint32_t needs_reference;
    /* Not 0 when the loss needs the entropy of every token's distribution. */
    uint32_t needs_entropy;
    /* How often the rollouts of one step are gone through; at least 1. */
    uint32_t epochs;
    /* Not 0 when the derivatives leave out a part of the loss on purpose (a stop-gradient), so that
     * nobody compares them with finite differences. */
    uint32_t stops_gradient;
} reflux_optimizer_traits;

/* The rollouts of one step. */
typedef struct reflux_rollout_batch {
    uint32_t struct_size;
    uint32_t reserved;
    uint64_t sequence_count;
    uint64_t token_count;
    /* Where each sequence's tokens begin. [sequence_count + 1] */
    const uint64_t *offsets;
    /* The index of each sequence's group (its prompt), from 0. [sequence_count] */
    const uint64_t *groups;
    /* The reward of each sequence. [sequence_count] */
    const double *rewards;
    /* log pi_old of the sampled tokens. [token_count] */
    const float *old_logprobs;
    /* log pi_ref of the sampled tokens; NULL unless needed. [token_count] */
    const float *reference_logprobs;
    /* V of the state before each token; NULL unless needed. [token_count] */
    const float *values;
} reflux_rollout_batch;

/* Where advantages go: the host's buffers, NaN beforehand. */
typedef struct reflux_advantages {
    uint32_t struct_size;
    uint32_t reserved;
    /* A of each token. [token_count] */
    float *advantages;
    /* The value target of each token; NULL unless values are needed. [token_count] */
    float *returns;
} reflux_advantages;

/* A micro-batch of whole sequences. */
typedef struct reflux_loss_batch {
    uint32_t struct_size;
    uint32_t reserved;
    uint64_t sequence_count;
    uint64_t token_count;
    /* Where each sequence's tokens begin. [sequence_count + 1] */
    const uint64_t *offsets;
    /* log pi, now. [token_count] */
    const float *logprobs;
    /* log pi_old. [token_count] */
    const float *old_logprobs;
    /* log pi_ref; NULL unless needed. [token_count] */
    const float *reference_logprobs;
    /* V, now; NULL unless needed. [token_count] */
    const float *values;
    /* V when the rollouts were made; NULL unless needed. [token_count] */
    const float *old_values;
    /* The entropy of each token's distribution; NULL unless needed. [token_count] */
    const float *entropies;
    /* A of each token. [token_count] */
    const float *advantages;
    /* The value targets; NULL unless values are needed. [token_count] */
    const float *returns;
    /* Tokens and sequences of the whole update to which this micro-batch belongs: divide by these,
     * not by the micro-batch's own counts. */
    uint64_t total_tokens;
    uint64_t total_sequences;
} reflux_loss_batch;

/* Where the loss goes. */
typedef struct reflux_loss {
    uint32_t struct_size;
    uint32_t reserved;
    /* This micro-batch's share of the loss; NaN beforehand. */
    double value;
    /* d loss / d log pi; NaN beforehand. [token_count] */
    float *by_logprob;
    /* d loss / d V; NaN beforehand; NULL unless values are needed. [token_count] */
    float *by_value;
    /* d loss / d entropy; NaN beforehand; NULL unless the entropy is needed. [token_count] */
    float *by_entropy;
} reflux_loss;

/* The functions of an optimizer. */
typedef struct reflux_optimizer_table {
    uint32_t struct_size;
    uint32_t reserved;

    /* [load] Makes an instance. State: ready; instances are independent of each other.
     * Ownership: creation is borrowed; *instance is the plugin's until destroy, and not NULL. */
    int32_t (*create)(
        reflux_call *call, const reflux_creation *creation, void **instance);

    /* [load] Frees an instance. State: no function of the instance is running, none will be called.
     * Ownership: ends the plugin's hold on the instance. */
    void (*destroy)(void *instance);

    /* [instance-serial] Says what the method needs. Called once, right after create.
     * State: between create and destroy. Ownership: out is the host's. */
    int32_t (*get_traits)(void *instance, reflux_call *call, reflux_optimizer_traits *out);

    /* [instance-serial] Turns the rollouts of one step into advantages. Keep no state: the same
     * batch gives the same advantages. State: between create and destroy.
     * Ownership: batch and out are borrowed. */
    int32_t (*compute_advantages)(
        void *instance, reflux_call *call, const reflux_rollout_batch *batch,
        const reflux_advantages *out);

    /* [instance-serial] The loss of a micro-batch and its derivatives. Keep no state.
     * State: between create and destroy. Ownership: batch and out are borrowed. */
    int32_t (*compute_loss)(
        void *instance, reflux_call *call, const reflux_loss_batch *batch, reflux_loss *out);
} reflux_optimizer_table;

#ifdef __cplusplus
}
#endif

#endif
