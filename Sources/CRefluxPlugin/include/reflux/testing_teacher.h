/* Teachers on the mock host: plans and responses. Part of testing.h. */
#ifndef REFLUX_TESTING_TEACHER_H
#define REFLUX_TESTING_TEACHER_H

#include "testing_instance.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A plan: samples at one temperature. */
static inline reflux_sampling_plan *reflux_mock_plan(
    reflux_mock *mock, uint64_t samples, double temperature) {
    reflux_sampling_plan *plan =
        (reflux_sampling_plan *)reflux_arena_input(&mock->arena, sizeof(*plan));
    plan->struct_size = REFLUX_STRUCT_SIZE(reflux_sampling_plan, seed);
    plan->samples_per_temperature = samples;
    plan->temperatures =
        (const double *)reflux_arena_copy(&mock->arena, &temperature, sizeof(temperature));
    plan->temperature_count = 1;
    plan->max_tokens = 256;
    plan->top_p = 1;
    plan->seed = mock->seed;
    return plan;
}

static inline void reflux_mock_add_response(
    reflux_call *call, uint64_t prompt, const reflux_response *response) {
    reflux_mock *mock = reflux_mock_of(call);
    size_t index;
    if (prompt >= mock->bound) {
        reflux_mock_fault(mock, "there is no prompt %llu", (unsigned long long)prompt);
        return;
    }
    if (response->struct_size < REFLUX_STRUCT_SIZE(reflux_response, mean_logprob)) {
        reflux_mock_fault(mock, "a response has no struct_size");
    }
    if (response->sample < 0) { reflux_mock_fault(mock, "a sample is negative"); }
    if (response->finish < REFLUX_FINISH_STOP || response->finish > REFLUX_FINISH_UNKNOWN) {
        reflux_mock_fault(mock, "%d is no reason to finish", (int)response->finish);
    }
    pthread_mutex_lock(&mock->lock);
    for (index = 0; index < mock->note_count; index += 1) {
        const reflux_mock_note *note = &mock->notes[index];
        if (note->kind == REFLUX_NOTE_RESPONSE && note->index == (int64_t)prompt
            && note->value == (double)response->sample) {
            reflux_mock_fault(mock, "a prompt has the same sample twice");
        }
    }
    reflux_mock_add_note(
        mock, REFLUX_NOTE_RESPONSE, (int64_t)prompt, (double)response->sample,
        reflux_mock_keep(mock, response->text, "a response"));
    if (response->text.data == NULL) { reflux_mock_fault(mock, "a response has no text"); }
    pthread_mutex_unlock(&mock->lock);
}

/* Lets a teacher answer prompts, given as texts. Read the responses with reflux_mock_answered. */
static inline int32_t reflux_mock_respond(
    reflux_mock_instance *instance, const char *const *prompts, uint64_t count,
    const reflux_sampling_plan *plan) {
    reflux_mock *mock = instance->mock;
    const reflux_teacher_table *table = (const reflux_teacher_table *)instance->extension->table;
    reflux_response_list *out =
        (reflux_response_list *)reflux_arena_input(&mock->arena, sizeof(*out));
    const void **list =
        (const void **)reflux_arena_input(&mock->arena, (size_t)count * sizeof(*list));
    reflux_call *call;
    uint64_t index;
    for (index = 0; index < count; index += 1) {
        reflux_prompt *prompt = reflux_mock_prompt(mock, prompts[index]);
        char id[32];
        snprintf(id, sizeof(id), "prompt/%llu", (unsigned long long)index);
        prompt->id = reflux_mock_text(mock, id);
        prompt->index = (int64_t)index;
        list[index] = prompt;
    }
    out->struct_size = REFLUX_STRUCT_SIZE(reflux_response_list, add);
    out->add = reflux_mock_add_response;
    mock->bound = count;
    call = reflux_mock_begin(mock, "respond");
    return reflux_mock_end(
        mock, table->respond(
                  instance->handle, call, (const reflux_prompt *const *)(const void *)list, count,
                  plan, out));
}

/* The n-th response to a prompt in the order of the calls of add, or NULL. */
static inline const char *reflux_mock_answered(
    const reflux_mock *mock, uint64_t prompt, uint64_t position) {
    size_t index;
    for (index = 0; index < mock->note_count; index += 1) {
        const reflux_mock_note *note = &mock->notes[index];
        if (note->kind != REFLUX_NOTE_RESPONSE || note->index != (int64_t)prompt) { continue; }
        if (position == 0) { return note->text; }
        position -= 1;
    }
    return NULL;
}

#ifdef __cplusplus
}
#endif

#endif
