/* Rules on the mock host: groups and their judgement. Part of testing.h. */
#ifndef REFLUX_TESTING_RULE_H
#define REFLUX_TESTING_RULE_H

#include "testing_instance.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A group without responses. */
static inline reflux_group *reflux_mock_group(reflux_mock *mock, const char *prompt) {
    reflux_group *group = (reflux_group *)reflux_arena_input(&mock->arena, sizeof(*group));
    group->struct_size = REFLUX_STRUCT_SIZE(reflux_group, gold);
    group->prompt = reflux_mock_prompt(mock, prompt);
    return group;
}

/* Adds a response; answer is NULL when none could be read. Returns it, to be changed further. */
static inline reflux_response *reflux_mock_add(
    reflux_mock *mock, reflux_group *group, int32_t role, const char *text, const char *answer) {
    reflux_response *response =
        (reflux_response *)reflux_arena_input(&mock->arena, sizeof(*response));
    response->struct_size = REFLUX_STRUCT_SIZE(reflux_response, weight);
    response->role = role;
    response->text = reflux_mock_text(mock, text);
    response->answer = reflux_mock_text(mock, answer);
    response->source = reflux_mock_text(mock, role == REFLUX_ROLE_TEACHER ? "teacher" : "student");
    response->sample = (int64_t)group->response_count;
    response->finish = REFLUX_FINISH_UNKNOWN;
    response->temperature = (double)NAN;
    response->token_count = -1;
    response->mean_logprob = (double)NAN;
    response->weight = 1;
    group->responses = (const reflux_response *const *)reflux_mock_append(
        mock, (const void *)group->responses, group->response_count, response);
    group->response_count += 1;
    return response;
}

/* A response of a teacher with an answer. */
static inline reflux_response *reflux_mock_teacher(
    reflux_mock *mock, reflux_group *group, const char *answer) {
    return reflux_mock_add(
        mock, group, REFLUX_ROLE_TEACHER, answer == NULL ? "?" : answer, answer);
}

/* A response of the student with an answer. */
static inline reflux_response *reflux_mock_student(
    reflux_mock *mock, reflux_group *group, const char *answer) {
    return reflux_mock_add(
        mock, group, REFLUX_ROLE_STUDENT, answer == NULL ? "?" : answer, answer);
}

/* What became of a group. */
typedef struct reflux_mock_judgement {
    int32_t status;
    /* The pseudo-label and the reason of its absence; NULL when not given. */
    const char *label;
    const char *abstention;
    /* NaN for an abstention. [count] */
    const double *rewards;
    /* Why a response has no reward, or NULL. [count] */
    const char *const *reasons;
    uint64_t count;
} reflux_mock_judgement;

static inline void reflux_mock_set_label(reflux_call *call, reflux_string label) {
    reflux_mock_take(call, REFLUX_NOTE_LABEL, 0, 0, label, 1, "the label");
}

static inline void reflux_mock_set_abstention(reflux_call *call, reflux_string reason) {
    reflux_mock_take(call, REFLUX_NOTE_ABSTENTION, 0, 0, reason, 1, "the reason for no label");
}

static inline void reflux_mock_abstain(
    reflux_call *call, uint64_t response, reflux_string reason) {
    reflux_mock *mock = reflux_mock_of(call);
    if (response >= mock->bound) {
        reflux_mock_fault(mock, "there is no response %llu", (unsigned long long)response);
        return;
    }
    reflux_mock_take(
        call, REFLUX_NOTE_ABSTAIN, (int64_t)response, 0, reason, 1, "the reason of an abstention");
}

/* Lets a rule judge a group. Every response needs a reward from 0 to 1 or an abstention. */
static inline reflux_mock_judgement reflux_mock_judge(
    reflux_mock_instance *instance, const reflux_group *group) {
    reflux_mock *mock = instance->mock;
    const reflux_rule_table *table = (const reflux_rule_table *)instance->extension->table;
    reflux_judgement *out = (reflux_judgement *)reflux_arena_input(&mock->arena, sizeof(*out));
    size_t size = (size_t)group->response_count * sizeof(double);
    double *rewards = (double *)reflux_arena_output(&mock->arena, size);
    const char **reasons = (const char **)reflux_arena_output(
        &mock->arena, (size_t)group->response_count * sizeof(*reasons));
    const reflux_mock_note *note;
    reflux_mock_judgement result;
    reflux_call *call;
    uint64_t index;
    for (index = 0; index < group->response_count; index += 1) {
        rewards[index] = (double)NAN;
        reasons[index] = NULL;
    }
    out->struct_size = REFLUX_STRUCT_SIZE(reflux_judgement, abstain);
    out->rewards = rewards;
    out->set_label = reflux_mock_set_label;
    out->set_abstention = reflux_mock_set_abstention;
    out->abstain = reflux_mock_abstain;
    mock->bound = group->response_count;
    mock->item = group->prompt->index;
    call = reflux_mock_begin(mock, "judge");
    memset(&result, 0, sizeof(result));
    result.status = reflux_mock_end(mock, table->judge(instance->handle, call, group, out));
    for (index = 0; (note = reflux_mock_find(mock, REFLUX_NOTE_ABSTAIN, index)) != NULL;
         index += 1) {
        reasons[note->index] = note->text;
        rewards[note->index] = (double)NAN;
    }
    for (index = 0; result.status == REFLUX_OK && index < group->response_count; index += 1) {
        if (reasons[index] == NULL && !(rewards[index] >= 0 && rewards[index] <= 1)) {
            reflux_mock_fault(
                mock, "judge: response %llu has the reward %g and no abstention",
                (unsigned long long)index, rewards[index]);
        }
    }
    note = reflux_mock_find(mock, REFLUX_NOTE_LABEL, 0);
    result.label = note == NULL ? NULL : note->text;
    note = reflux_mock_find(mock, REFLUX_NOTE_ABSTENTION, 0);
    result.abstention = note == NULL ? NULL : note->text;
    result.rewards = rewards;
    result.reasons = reasons;
    result.count = group->response_count;
    return result;
}

#ifdef __cplusplus
}
#endif

#endif
