/* teacher-source/1: answers prompts several times. */
#ifndef REFLUX_TEACHER_SOURCE_H
#define REFLUX_TEACHER_SOURCE_H

#include "data.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define REFLUX_KIND_TEACHER_SOURCE "teacher-source/1"

/* How often and how each prompt is answered: samples_per_temperature times at each temperature. */
typedef struct reflux_sampling_plan {
    uint32_t struct_size;
    uint32_t reserved;
    uint64_t samples_per_temperature;
    /* 0 is greedy. [temperature_count] */
    const double *temperatures;
    uint64_t temperature_count;
    /* The most tokens of a response. */
    int64_t max_tokens;
    /* 0 is off. */
    int64_t top_k;
    /* 1 is off. */
    double top_p;
    /* 0 is off. */
    double min_p;
    /* The run's seed. */
    uint64_t seed;
} reflux_sampling_plan;

/* Where responses go. */
typedef struct reflux_response_list {
    uint32_t struct_size;
    uint32_t reserved;
    /* [any-thread] Adds a response to a prompt. role, source and answer are ignored; sample has to be
     * of its own among the prompt's responses, from 0. State: during respond.
     * Ownership: everything in it is copied. */
    void (*add)(reflux_call *call, uint64_t prompt, const reflux_response *response);
} reflux_response_list;

/* The functions of a teacher. */
typedef struct reflux_teacher_table {
    uint32_t struct_size;
    uint32_t reserved;

    /* [load] Makes an instance; cheap, expensive things wait for respond. State: ready; instances are
     * independent of each other. Ownership: creation is borrowed; *instance is the plugin's until
     * destroy, and not NULL. */
    int32_t (*create)(
        reflux_call *call, const reflux_creation *creation, void **instance);

    /* [load] Frees an instance. State: no function of the instance is running, none will be called.
     * Ownership: ends the plugin's hold on the instance. */
    void (*destroy)(void *instance);

    /* [instance-serial] Answers the prompts. A source that has fewer responses than planned gives
     * what it has. Look at is_cancelled between items. State: between create and destroy.
     * Ownership: everything is borrowed. */
    int32_t (*respond)(
        void *instance, reflux_call *call, const reflux_prompt *const *prompts, uint64_t count,
        const reflux_sampling_plan *plan, const reflux_response_list *out);
} reflux_teacher_table;

#ifdef __cplusplus
}
#endif

#endif
