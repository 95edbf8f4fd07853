/* pseudo-reward-rule/1: turns the structure of a prompt's responses into pseudo-rewards, without any
 * gold. One call judges one prompt with all its responses. */
#ifndef REFLUX_PSEUDO_REWARD_RULE_H
#define REFLUX_PSEUDO_REWARD_RULE_H

#include "data.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define REFLUX_KIND_PSEUDO_REWARD_RULE "pseudo-reward-rule/1"

/* A prompt with all its responses, the teacher's and the student's. */
typedef struct reflux_group {
    uint32_t struct_size;
    uint32_t reserved;
    const reflux_prompt *prompt;
    const reflux_response *const *responses;
    uint64_t response_count;
    /* The dataset's answer; absent unless the table has needs_gold. */
    reflux_string gold;
} reflux_group;

/* Where a rule puts its judgement. Every response needs a reward or an abstention. */
typedef struct reflux_judgement {
    uint32_t struct_size;
    uint32_t reserved;
    /* The reward of each response, from 0 (rejected) to 1 (accepted). [response_count], the host's;
     * NaN beforehand. */
    double *rewards;

    /* [any-thread] Sets the pseudo-label of the prompt. State: during judge. Ownership: copied. */
    void (*set_label)(reflux_call *call, reflux_string label);

    /* [any-thread] Says why there is no label, in a few words that can be counted ("tie").
     * State: during judge. Ownership: copied. */
    void (*set_abstention)(reflux_call *call, reflux_string reason);

    /* [any-thread] Leaves a response without a reward, and says why. It wins over a reward.
     * State: during judge. Ownership: copied. */
    void (*abstain)(reflux_call *call, uint64_t response, reflux_string reason);
} reflux_judgement;

/* The functions of a rule. */
typedef struct reflux_rule_table {
    uint32_t struct_size;
    /* Not 0 when the rule reads reflux_group.gold; the run's report says so. */
    uint32_t needs_gold;

    /* [load] Makes an instance. State: ready; instances are independent of each other.
     * Ownership: creation is borrowed; *instance is the plugin's until destroy, and not NULL. */
    int32_t (*create)(
        reflux_call *call, const reflux_creation *creation, void **instance);

    /* [load] Frees an instance. State: no function of the instance is running, none will be called.
     * Ownership: ends the plugin's hold on the instance. */
    void (*destroy)(void *instance);

    /* [instance-serial, or any-thread when the extension is parallel] Judges one group.
     * State: between create and destroy. Ownership: group and out are borrowed. */
    int32_t (*judge)(
        void *instance, reflux_call *call, const reflux_group *group,
        const reflux_judgement *out);
} reflux_rule_table;

#ifdef __cplusplus
}
#endif

#endif
