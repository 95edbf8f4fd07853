/* task-evaluator/1: the examples of a task, how they are asked, how an answer is read, and whether it
 * is right. Reading an answer takes linear time on any input, and never fails: an answer that cannot
 * be read is left out. */
#ifndef REFLUX_TASK_EVALUATOR_H
#define REFLUX_TASK_EVALUATOR_H

#include "data.h"
#include "plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define REFLUX_KIND_TASK_EVALUATOR "task-evaluator/1"

/* Where the names of the metrics go. */
typedef struct reflux_metric_list {
    uint32_t struct_size;
    uint32_t reserved;
    /* [any-thread] Adds a metric; the most telling one first. State: during list_metrics.
     * Ownership: copied. */
    void (*add)(reflux_call *call, reflux_string name);
} reflux_metric_list;

/* Where examples go. */
typedef struct reflux_example_list {
    uint32_t struct_size;
    uint32_t reserved;
    /* [any-thread] Adds an example behind the others. State: during load_examples.
     * Ownership: everything in it is copied. */
    void (*add)(reflux_call *call, const reflux_example *example);
} reflux_example_list;

/* Where a prompt goes: either one text or messages. */
typedef struct reflux_prompt_draft {
    uint32_t struct_size;
    uint32_t reserved;
    /* [any-thread] Sets the text to be continued. State: during write_prompt. Ownership: copied. */
    void (*set_text)(reflux_call *call, reflux_string text);
    /* [any-thread] Adds a message; speaker is one of REFLUX_SPEAKER_*. State: during write_prompt.
     * Ownership: copied. */
    void (*add_message)(reflux_call *call, int32_t speaker, reflux_string content);
    /* [any-thread] Adds a text at which generation stops. State: during write_prompt.
     * Ownership: copied. */
    void (*add_stop)(reflux_call *call, reflux_string text);
} reflux_prompt_draft;

/* Where answers go. */
typedef struct reflux_answer_list {
    uint32_t struct_size;
    uint32_t reserved;
    /* [any-thread] Sets the normalised answer of a response. State: during read_answers.
     * Ownership: copied. */
    void (*set_answer)(reflux_call *call, uint64_t response, reflux_string answer);
} reflux_answer_list;

/* Where marks go: the host's buffers, -1 beforehand. */
typedef struct reflux_grades {
    uint32_t struct_size;
    uint32_t reserved;
    /* 1 when an answer could be read, else 0. [count] */
    int32_t *parsed;
    /* 1 when the response is right by a metric, else 0; the metrics of a response lie together.
     * [count * metric_count] */
    int32_t *correct;
    uint64_t metric_count;
} reflux_grades;

/* The functions of a task. */
typedef struct reflux_task_table {
    uint32_t struct_size;
    uint32_t reserved;

    /* [load] Makes an instance; cheap, files are read by load_examples. State: ready; instances are
     * independent of each other. Ownership: creation is borrowed; *instance is the plugin's until
     * destroy, and not NULL. */
    int32_t (*create)(
        reflux_call *call, const reflux_creation *creation, void **instance);

    /* [load] Frees an instance. State: no function of the instance is running, none will be called.
     * Ownership: ends the plugin's hold on the instance. */
    void (*destroy)(void *instance);

    /* [instance-serial] Names the metrics, at least one. Called once, right after create.
     * State: between create and destroy. Ownership: out is borrowed. */
    int32_t (*list_metrics)(void *instance, reflux_call *call, const reflux_metric_list *out);

    /* [instance-serial] Lists the examples of a split (REFLUX_SPLIT_*) in a fixed order.
     * State: between create and destroy. Ownership: out is borrowed. */
    int32_t (*load_examples)(
        void *instance, reflux_call *call, int32_t split, const reflux_example_list *out);

    /* [instance-serial, or any-thread when the extension is parallel] Writes the prompt of an example.
     * State: between create and destroy. Ownership: example and out are borrowed. */
    int32_t (*write_prompt)(
        void *instance, reflux_call *call, const reflux_example *example,
        const reflux_prompt_draft *out);

    /* [instance-serial, or any-thread when the extension is parallel] Reads the answers of responses.
     * State: between create and destroy. Ownership: everything is borrowed. */
    int32_t (*read_answers)(
        void *instance, reflux_call *call, const reflux_string *responses, uint64_t count,
        const reflux_answer_list *out);

    /* [instance-serial, or any-thread when the extension is parallel] Marks responses, each to the
     * example of the same index. State: between create and destroy.
     * Ownership: everything is borrowed. */
    int32_t (*grade)(
        void *instance, reflux_call *call, const reflux_string *responses,
        const reflux_example *const *examples, uint64_t count, const reflux_grades *out);
} reflux_task_table;

#ifdef __cplusplus
}
#endif

#endif
