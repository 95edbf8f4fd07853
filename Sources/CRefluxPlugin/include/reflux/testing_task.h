/* Tasks on the mock host: metrics, examples, prompts, answers and grades. Part of testing.h. */
#ifndef REFLUX_TESTING_TASK_H
#define REFLUX_TESTING_TASK_H

#include "testing_instance.h"

#ifdef __cplusplus
extern "C" {
#endif

static inline void reflux_mock_add_metric_name(reflux_call *call, reflux_string name) {
    reflux_mock_take(call, REFLUX_NOTE_METRIC_NAME, 0, 0, name, 1, "the name of a metric");
}

/* The names of a task's metrics: at least one, no two alike. Returns how many; read them with
 * reflux_mock_find(mock, REFLUX_NOTE_METRIC_NAME, n)->text before the next call. */
static inline uint64_t reflux_mock_list_metrics(reflux_mock_instance *instance) {
    reflux_mock *mock = instance->mock;
    const reflux_task_table *table = (const reflux_task_table *)instance->extension->table;
    reflux_metric_list *out = (reflux_metric_list *)reflux_arena_input(&mock->arena, sizeof(*out));
    reflux_call *call;
    uint64_t count, index, other;
    out->struct_size = REFLUX_STRUCT_SIZE(reflux_metric_list, add);
    out->add = reflux_mock_add_metric_name;
    call = reflux_mock_begin(mock, "list_metrics");
    reflux_mock_end(mock, table->list_metrics(instance->handle, call, out));
    count = reflux_mock_count(mock, REFLUX_NOTE_METRIC_NAME);
    if (count == 0) { reflux_mock_fault(mock, "the task has no metric"); }
    for (index = 0; index < count; index += 1) {
        const char *name = reflux_mock_find(mock, REFLUX_NOTE_METRIC_NAME, index)->text;
        for (other = 0; name != NULL && other < index; other += 1) {
            const char *earlier = reflux_mock_find(mock, REFLUX_NOTE_METRIC_NAME, other)->text;
            if (earlier != NULL && strcmp(name, earlier) == 0) {
                reflux_mock_fault(mock, "the metric %s is there twice", name);
            }
        }
    }
    return count;
}

/* A copy of a text that the plugin gave. */
static inline reflux_string reflux_mock_kept(
    reflux_mock *mock, reflux_string text, const char *what) {
    reflux_string result = text;
    reflux_mock_keep(mock, text, what);
    result.data = (const char *)reflux_arena_copy(&mock->arena, text.data, (size_t)text.length);
    return result;
}

static inline void reflux_mock_add_example(reflux_call *call, const reflux_example *given) {
    reflux_mock *mock = reflux_mock_of(call);
    reflux_example *copy;
    reflux_string *options;
    uint64_t index;
    pthread_mutex_lock(&mock->lock);
    copy = (reflux_example *)reflux_arena_input(&mock->arena, sizeof(*copy));
    if (given->struct_size < REFLUX_STRUCT_SIZE(reflux_example, option_count)) {
        reflux_mock_fault(mock, "an example has no struct_size");
    }
    copy->struct_size = REFLUX_STRUCT_SIZE(reflux_example, option_count);
    copy->index = (int64_t)reflux_mock_count(mock, REFLUX_NOTE_EXAMPLE);
    copy->id = reflux_mock_kept(mock, given->id, "the id of an example");
    copy->question = reflux_mock_kept(mock, given->question, "a question");
    copy->gold = reflux_mock_kept(mock, given->gold, "a gold answer");
    copy->solution = reflux_mock_kept(mock, given->solution, "a solution");
    copy->category = reflux_mock_kept(mock, given->category, "a category");
    copy->option_count = given->option_count;
    options = (reflux_string *)reflux_arena_input(
        &mock->arena, (size_t)given->option_count * sizeof(*options));
    for (index = 0; index < given->option_count; index += 1) {
        options[index] = reflux_mock_kept(mock, given->options[index], "an option");
    }
    copy->options = options;
    if (copy->id.data == NULL || copy->id.length == 0) {
        reflux_mock_fault(mock, "an example has no id");
    }
    reflux_mock_add_note(mock, REFLUX_NOTE_EXAMPLE, copy->index, 0, NULL)->item = copy;
    pthread_mutex_unlock(&mock->lock);
}

/* The examples of a split. */
typedef struct reflux_mock_examples {
    int32_t status;
    const reflux_example *const *items;
    uint64_t count;
} reflux_mock_examples;

/* Loads the examples of a split (REFLUX_SPLIT_*); no two may have the same id. */
static inline reflux_mock_examples reflux_mock_load(
    reflux_mock_instance *instance, int32_t split) {
    reflux_mock *mock = instance->mock;
    const reflux_task_table *table = (const reflux_task_table *)instance->extension->table;
    reflux_example_list *out =
        (reflux_example_list *)reflux_arena_input(&mock->arena, sizeof(*out));
    reflux_mock_examples result;
    const void **items;
    reflux_call *call;
    uint64_t index, other;
    out->struct_size = REFLUX_STRUCT_SIZE(reflux_example_list, add);
    out->add = reflux_mock_add_example;
    call = reflux_mock_begin(mock, "load_examples");
    result.status =
        reflux_mock_end(mock, table->load_examples(instance->handle, call, split, out));
    result.count = reflux_mock_count(mock, REFLUX_NOTE_EXAMPLE);
    items = (const void **)reflux_arena_input(
        &mock->arena, (size_t)result.count * sizeof(*items));
    for (index = 0, other = 0; other < mock->note_count; other += 1) {
        if (mock->notes[other].kind != REFLUX_NOTE_EXAMPLE) { continue; }
        items[index] = mock->notes[other].item;
        index += 1;
    }
    result.items = (const reflux_example *const *)(const void *)items;
    for (index = 0; index < result.count; index += 1) {
        for (other = 0; other < index; other += 1) {
            if (reflux_equal(result.items[index]->id, result.items[other]->id)) {
                reflux_mock_fault(
                    mock, "examples %llu and %llu have the same id", (unsigned long long)other,
                    (unsigned long long)index);
            }
        }
    }
    return result;
}

/* Whether a text of a struct says the same as a text that ends with a NUL; NULL is absent. */
static inline int reflux_mock_says(reflux_string text, const char *wanted) {
    return reflux_equal(text, reflux_text(wanted));
}

/* An example for tests that load none. gold may be NULL. */
static inline reflux_example *reflux_mock_example(
    reflux_mock *mock, const char *question, const char *gold) {
    reflux_example *example =
        (reflux_example *)reflux_arena_input(&mock->arena, sizeof(*example));
    example->struct_size = REFLUX_STRUCT_SIZE(reflux_example, option_count);
    example->id = reflux_mock_text(mock, "example/0");
    example->question = reflux_mock_text(mock, question);
    example->gold = reflux_mock_text(mock, gold);
    return example;
}

/* Gives an example its options. */
static inline void reflux_mock_set_options(
    reflux_mock *mock, reflux_example *example, const char *const *texts, uint64_t count) {
    reflux_string *options = (reflux_string *)reflux_arena_input(
        &mock->arena, (size_t)count * sizeof(*options));
    uint64_t index;
    for (index = 0; index < count; index += 1) {
        options[index] = reflux_mock_text(mock, texts[index]);
    }
    example->options = options;
    example->option_count = count;
}

static inline void reflux_mock_set_text(reflux_call *call, reflux_string text) {
    reflux_mock_take(call, REFLUX_NOTE_TEXT, 0, 0, text, 1, "the prompt's text");
}

static inline void reflux_mock_add_message(
    reflux_call *call, int32_t speaker, reflux_string content) {
    if (speaker < REFLUX_SPEAKER_SYSTEM || speaker > REFLUX_SPEAKER_ASSISTANT) {
        reflux_mock_fault(reflux_mock_of(call), "%d is no speaker", (int)speaker);
    }
    reflux_mock_take(call, REFLUX_NOTE_MESSAGE, speaker, 0, content, 1, "a message");
}

static inline void reflux_mock_add_stop(reflux_call *call, reflux_string text) {
    reflux_mock_take(call, REFLUX_NOTE_STOP, 0, 0, text, 1, "a stop text");
}

/* Writes the prompt of an example. Returns its text or its first message, NULL when it failed; the
 * other messages and the stops are notes (REFLUX_NOTE_MESSAGE, REFLUX_NOTE_STOP). */
static inline const char *reflux_mock_write_prompt(
    reflux_mock_instance *instance, const reflux_example *example) {
    reflux_mock *mock = instance->mock;
    const reflux_task_table *table = (const reflux_task_table *)instance->extension->table;
    reflux_prompt_draft *out =
        (reflux_prompt_draft *)reflux_arena_input(&mock->arena, sizeof(*out));
    const reflux_mock_note *text, *message;
    reflux_call *call;
    int32_t status;
    out->struct_size = REFLUX_STRUCT_SIZE(reflux_prompt_draft, add_stop);
    out->set_text = reflux_mock_set_text;
    out->add_message = reflux_mock_add_message;
    out->add_stop = reflux_mock_add_stop;
    mock->item = example->index;
    call = reflux_mock_begin(mock, "write_prompt");
    status = reflux_mock_end(mock, table->write_prompt(instance->handle, call, example, out));
    if (status != REFLUX_OK) { return NULL; }
    text = reflux_mock_find(mock, REFLUX_NOTE_TEXT, 0);
    message = reflux_mock_find(mock, REFLUX_NOTE_MESSAGE, 0);
    if ((text == NULL) == (message == NULL)) {
        reflux_mock_fault(mock, "write_prompt: a prompt is either one text or messages");
    }
    return text != NULL ? text->text : message != NULL ? message->text : NULL;
}

static inline void reflux_mock_set_answer(
    reflux_call *call, uint64_t response, reflux_string answer) {
    reflux_mock *mock = reflux_mock_of(call);
    if (response >= mock->bound) {
        reflux_mock_fault(mock, "there is no response %llu", (unsigned long long)response);
        return;
    }
    reflux_mock_take(call, REFLUX_NOTE_ANSWER, (int64_t)response, 0, answer, 0, "an answer");
}

/* The answer in one response, or NULL. Reading answers never fails. The response's bytes are given
 * with their length, so that a test can try any. */
static inline const char *reflux_mock_read_bytes(
    reflux_mock_instance *instance, const char *response, size_t length) {
    reflux_mock *mock = instance->mock;
    const reflux_task_table *table = (const reflux_task_table *)instance->extension->table;
    reflux_string *responses =
        (reflux_string *)reflux_arena_input(&mock->arena, sizeof(*responses));
    reflux_answer_list *out = (reflux_answer_list *)reflux_arena_input(&mock->arena, sizeof(*out));
    const reflux_mock_note *note;
    reflux_call *call;
    responses->data = (const char *)reflux_arena_copy(&mock->arena, response, length);
    responses->length = length;
    out->struct_size = REFLUX_STRUCT_SIZE(reflux_answer_list, set_answer);
    out->set_answer = reflux_mock_set_answer;
    mock->bound = 1;
    call = reflux_mock_begin(mock, "read_answers");
    if (reflux_mock_end(mock, table->read_answers(instance->handle, call, responses, 1, out))
        != REFLUX_OK) {
        reflux_mock_fault(mock, "read_answers failed: %s", reflux_mock_error(mock));
        return NULL;
    }
    note = reflux_mock_find(mock, REFLUX_NOTE_ANSWER, 0);
    return note == NULL ? NULL : note->text;
}

/* The answer in one response, or NULL. */
static inline const char *reflux_mock_read_answer(
    reflux_mock_instance *instance, const char *response) {
    return reflux_mock_read_bytes(instance, response, strlen(response));
}

/* The marks of one response: parsed, and correct by metric. */
typedef struct reflux_mock_grade {
    int32_t status;
    int32_t parsed;
    const int32_t *correct;
    uint64_t metric_count;
} reflux_mock_grade;

/* Grades one response. */
static inline reflux_mock_grade reflux_mock_grade_response(
    reflux_mock_instance *instance, const char *response, const reflux_example *example) {
    reflux_mock *mock = instance->mock;
    const reflux_task_table *table = (const reflux_task_table *)instance->extension->table;
    reflux_grades *out = (reflux_grades *)reflux_arena_input(&mock->arena, sizeof(*out));
    reflux_string *responses =
        (reflux_string *)reflux_arena_input(&mock->arena, sizeof(*responses));
    const reflux_example **examples =
        (const reflux_example **)reflux_arena_input(&mock->arena, sizeof(*examples));
    reflux_mock_grade result;
    reflux_call *call;
    uint64_t index;
    responses[0] = reflux_mock_text(mock, response);
    examples[0] = example;
    out->struct_size = REFLUX_STRUCT_SIZE(reflux_grades, metric_count);
    out->metric_count = result.metric_count = reflux_mock_list_metrics(instance);
    out->parsed = (int32_t *)reflux_arena_output(&mock->arena, sizeof(int32_t));
    out->correct = (int32_t *)reflux_arena_output(
        &mock->arena, (size_t)out->metric_count * sizeof(int32_t));
    out->parsed[0] = -1;
    for (index = 0; index < out->metric_count; index += 1) { out->correct[index] = -1; }
    call = reflux_mock_begin(mock, "grade");
    result.status = reflux_mock_end(
        mock, table->grade(instance->handle, call, responses, examples, 1, out));
    result.parsed = out->parsed[0];
    result.correct = out->correct;
    if (result.status == REFLUX_OK && (result.parsed < 0 || result.parsed > 1)) {
        reflux_mock_fault(mock, "grade: parsed is %d", (int)result.parsed);
    }
    for (index = 0; result.status == REFLUX_OK && index < out->metric_count; index += 1) {
        if (out->correct[index] < 0 || out->correct[index] > 1) {
            reflux_mock_fault(mock, "grade: a mark is %d", (int)out->correct[index]);
        }
    }
    return result;
}

#ifdef __cplusplus
}
#endif

#endif
