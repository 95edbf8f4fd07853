/* reward-model/1: scores responses; higher is better. A score is a logit: its sigmoid is the
 * probability that the response is accepted. A model that only scores (a scorer that exists already)
 * leaves fit, save and load NULL. */
#ifndef REFLUX_REWARD_MODEL_H
#define REFLUX_REWARD_MODEL_H

#include "data.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define REFLUX_KIND_REWARD_MODEL "reward-model/1"

/* A response to be scored. */
typedef struct reflux_scoring_item {
    uint32_t struct_size;
    /* Not 0 when the model ended the response, 0 when a limit cut it. */
    int32_t finished;
    const reflux_prompt *prompt;
    reflux_string text;
} reflux_scoring_item;

/* A response with its pseudo-reward. */
typedef struct reflux_training_item {
    uint32_t struct_size;
    /* One of REFLUX_ROLE_*. */
    int32_t role;
    const reflux_scoring_item *item;
    /* The pseudo-reward, from 0 to 1. */
    double reward;
    /* The weight in the loss. */
    double weight;
} reflux_training_item;

/* What a reward model learns from. */
typedef struct reflux_training_data {
    uint32_t struct_size;
    uint32_t reserved;
    /* The items of all prompts, prompt after prompt. [item_count] */
    const reflux_training_item *const *items;
    uint64_t item_count;
    /* Where the items of each prompt begin. [group_count + 1] */
    const uint64_t *group_offsets;
    uint64_t group_count;
    /* The run's seed. */
    uint64_t seed;
} reflux_training_data;

/* The functions of a reward model. */
typedef struct reflux_reward_model_table {
    uint32_t struct_size;
    uint32_t reserved;

    /* [load] Makes an instance. State: ready; instances are independent of each other.
     * Ownership: creation is borrowed; *instance is the plugin's until destroy, and not NULL. */
    int32_t (*create)(
        reflux_call *call, const reflux_creation *creation, void **instance);

    /* [load] Frees an instance. State: no function of the instance is running, none will be called.
     * Ownership: ends the plugin's hold on the instance. */
    void (*destroy)(void *instance);

    /* [instance-serial] Learns from labelled responses. checkpoint is an existing folder for states to
     * resume from, or absent. May be NULL. State: between create and destroy.
     * Ownership: everything is borrowed. */
    int32_t (*fit)(
        void *instance, reflux_call *call, const reflux_training_data *data,
        reflux_string checkpoint);

    /* [instance-serial] Scores responses. scores is the host's, NaN beforehand. [count]
     * State: between create and destroy. Ownership: everything is borrowed. */
    int32_t (*score)(
        void *instance, reflux_call *call, const reflux_scoring_item *const *items, uint64_t count,
        double *scores);

    /* [instance-serial] Writes all that score needs into an existing, empty folder. May be NULL when
     * the configuration is all that score needs. State: between create and destroy.
     * Ownership: the path is borrowed. */
    int32_t (*save)(void *instance, reflux_call *call, reflux_string folder);

    /* [instance-serial] Reads what save wrote. NULL exactly when save is.
     * State: after create, before anything else. Ownership: the path is borrowed. */
    int32_t (*load)(void *instance, reflux_call *call, reflux_string folder);
} reflux_reward_model_table;

#ifdef __cplusplus
}
#endif

#endif
