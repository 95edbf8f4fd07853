/* What is asked and what is answered. All of it is borrowed: valid until the call returns, and not to
 * be written to. Arrays of structs are arrays of pointers, so that the structs can grow. */
#ifndef REFLUX_DATA_H
#define REFLUX_DATA_H

#include "abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Who speaks in a message. */
#define REFLUX_SPEAKER_SYSTEM INT32_C(0)
#define REFLUX_SPEAKER_USER INT32_C(1)
#define REFLUX_SPEAKER_ASSISTANT INT32_C(2)

/* Whose response it is. */
#define REFLUX_ROLE_TEACHER INT32_C(0)
#define REFLUX_ROLE_STUDENT INT32_C(1)

/* Why a response ended: the model ended it, the limit on tokens did, or nobody knows. */
#define REFLUX_FINISH_STOP INT32_C(0)
#define REFLUX_FINISH_LENGTH INT32_C(1)
#define REFLUX_FINISH_UNKNOWN INT32_C(2)

/* Parts of a dataset. */
#define REFLUX_SPLIT_TRAIN INT32_C(0)
#define REFLUX_SPLIT_TEST INT32_C(1)
#define REFLUX_SPLIT_VALIDATION INT32_C(2)

/* One message of a conversation. */
typedef struct reflux_message {
    uint32_t struct_size;
    /* One of REFLUX_SPEAKER_*. */
    int32_t speaker;
    reflux_string content;
} reflux_message;

/* What a model is asked. */
typedef struct reflux_prompt {
    uint32_t struct_size;
    uint32_t reserved;
    /* The id of the example that it asks. */
    reflux_string id;
    /* The example's position in its split, from 0. */
    int64_t index;
    /* The text to be continued; for a conversation, its messages joined by blank lines. */
    reflux_string text;
    /* The messages of a conversation, which the model's own template renders; none for a text. */
    const reflux_message *const *messages;
    uint64_t message_count;
    /* Texts at which generation stops. */
    const reflux_string *stops;
    uint64_t stop_count;
} reflux_prompt;

/* One answer of a teacher or of the student. */
typedef struct reflux_response {
    uint32_t struct_size;
    /* One of REFLUX_ROLE_*. */
    int32_t role;
    reflux_string text;
    /* The answer that the task read in it, normalised; absent when there is none to be read. */
    reflux_string answer;
    /* The name of the teacher, or of the student's stage. */
    reflux_string source;
    /* The model that produced it. */
    reflux_string model;
    /* The index among the source's samples for the prompt. */
    int64_t sample;
    /* One of REFLUX_FINISH_*. */
    int32_t finish;
    uint32_t reserved;
    /* The sampling temperature; NaN when unknown. */
    double temperature;
    /* Generated tokens; -1 when unknown. */
    int64_t token_count;
    /* The mean log-probability of the tokens under their model; NaN when unknown. */
    double mean_logprob;
    /* How much it counts in votes, at least 0: the weight of its teacher, else 1. Since minor 1; ask
     * with REFLUX_HAS_FIELD, or use reflux_weight. Not read in responses that a teacher adds. */
    double weight;
} reflux_response;

/* One item of a task. */
typedef struct reflux_example {
    uint32_t struct_size;
    uint32_t reserved;
    /* The item's name, of its own within the split. */
    reflux_string id;
    /* The position in the split, from 0. The host sets it. */
    int64_t index;
    reflux_string question;
    /* The right answer in the task's normal form; absent where the dataset has none. */
    reflux_string gold;
    /* A worked solution; absent where the dataset has none. */
    reflux_string solution;
    /* For tables by category; absent where the dataset has none. */
    reflux_string category;
    /* The options of a multiple-choice question. */
    const reflux_string *options;
    uint64_t option_count;
} reflux_example;

#ifdef __cplusplus
}
#endif

#endif
