/* multiple-choice: the task's functions and the plugin's table. */
#include <stdlib.h>

#include "answers.h"
#include "questions.h"
#include "reflux/settings.h"

static const reflux_host *host;

/* The settings; never written to after create, so that any thread may use them. */
typedef struct choice_task {
    char *train_file;
    char *test_file;
    char *instruction;
    int is_text;
    int letters;
} choice_task;

static int32_t init(const reflux_host *given, reflux_call *call) {
    (void)call;
    host = given;
    return REFLUX_OK;
}

static void destroy(void *instance) {
    choice_task *task = instance;
    free(task->train_file);
    free(task->test_file);
    free(task->instruction);
    free(task);
}

static int32_t create(reflux_call *call, const reflux_creation *creation, void **instance) {
    static const char *const prompts[] = { "chat", "text", NULL };
    reflux_settings settings = reflux_settings_begin(host, call, creation);
    choice_task *made = calloc(1, sizeof(*made));
    if (made == NULL) { return REFLUX_OUT_OF_MEMORY; }
    made->train_file = reflux_setting_text(&settings, "train_file");
    made->test_file = reflux_setting_text(&settings, "test_file");
    made->instruction = reflux_setting_text(&settings, "instruction");
    made->is_text = reflux_setting_choice(&settings, "prompt", prompts);
    made->letters = (int)reflux_setting_integer(&settings, "letters");
    if (settings.status != REFLUX_OK) {
        destroy(made);
        return settings.status;
    }
    host->set_configuration(call, creation->configuration);
    *instance = made;
    return REFLUX_OK;
}

static int32_t list_metrics(void *instance, reflux_call *call, const reflux_metric_list *out) {
    (void)instance;
    out->add(call, reflux_text("accuracy"));
    out->add(call, reflux_text("strict"));
    return REFLUX_OK;
}

static int32_t load_examples(
    void *instance, reflux_call *call, int32_t split, const reflux_example_list *out) {
    const choice_task *task = instance;
    switch (split) {
    case REFLUX_SPLIT_TRAIN: return choice_load(host, call, task->train_file, "train", out);
    case REFLUX_SPLIT_TEST: return choice_load(host, call, task->test_file, "test", out);
    default:
        reflux_fail(host, call, "multiple-choice has the splits train and test only");
        return REFLUX_UNSUPPORTED;
    }
}

/* Puts a text behind the others. */
static void append(char *memory, size_t *length, const char *data, uint64_t count) {
    if (count > 0) { memcpy(memory + *length, data, (size_t)count); }
    *length += (size_t)count;
}

static int32_t write_prompt(
    void *instance, reflux_call *call, const reflux_example *example,
    const reflux_prompt_draft *out) {
    const choice_task *task = instance;
    if (example->option_count < 2 || example->option_count > CHOICE_MOST) {
        return reflux_fail(
            host, call, "the example has %llu options; wanted 2 to 26",
            (unsigned long long)example->option_count);
    }
    size_t instruction = strlen(task->instruction), length = 0;
    size_t capacity = (size_t)example->question.length + instruction + 32;
    for (uint64_t index = 0; index < example->option_count; index += 1) {
        capacity += (size_t)example->options[index].length + 4;
    }
    char *text = malloc(capacity);
    if (text == NULL) { return REFLUX_OUT_OF_MEMORY; }
    append(text, &length, example->question.data, example->question.length);
    append(text, &length, "\n\n", 2);
    for (uint64_t index = 0; index < example->option_count; index += 1) {
        char letter[] = { (char)('A' + index), '.', ' ' };
        append(text, &length, letter, sizeof(letter));
        append(text, &length, example->options[index].data, example->options[index].length);
        append(text, &length, "\n", 1);
    }
    if (instruction > 0) { append(text, &length, "\n", 1); }
    append(text, &length, task->instruction, instruction);
    if (task->is_text) {
        append(text, &length, "\n", instruction > 0);
        out->set_text(call, reflux_slice(text, length));
    } else {
        if (instruction == 0) { length -= 1; }
        out->add_message(call, REFLUX_SPEAKER_USER, reflux_slice(text, length));
    }
    free(text);
    return REFLUX_OK;
}

static int32_t read_answers(
    void *instance, reflux_call *call, const reflux_string *responses, uint64_t count,
    const reflux_answer_list *out) {
    const choice_task *task = instance;
    for (uint64_t index = 0; index < count; index += 1) {
        char letter = choice_read(responses[index], task->letters);
        if (letter != 0) { out->set_answer(call, index, reflux_slice(&letter, 1)); }
    }
    return REFLUX_OK;
}

static int32_t grade(
    void *instance, reflux_call *call, const reflux_string *responses,
    const reflux_example *const *examples, uint64_t count, const reflux_grades *out) {
    const choice_task *task = instance;
    (void)call;
    for (uint64_t index = 0; index < count; index += 1) {
        reflux_string gold = examples[index]->gold;
        char right = gold.data != NULL && gold.length == 1 ? gold.data[0] : 0;
        char found = choice_read(responses[index], task->letters);
        char strict = choice_read_strictly(responses[index], task->letters);
        int32_t *marks = out->correct + index * out->metric_count;
        out->parsed[index] = found != 0;
        marks[0] = found != 0 && found == right;
        marks[1] = strict != 0 && strict == right;
    }
    return REFLUX_OK;
}

static const reflux_task_table table = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_task_table, grade),
    .create = create,
    .destroy = destroy,
    .list_metrics = list_metrics,
    .load_examples = load_examples,
    .write_prompt = write_prompt,
    .read_answers = read_answers,
    .grade = grade,
};

static const char schema[] =
    "{\"type\": \"object\", \"properties\": {"
    "\"train_file\": {\"type\": \"string\", \"format\": \"path\", \"description\": \"The training"
    " questions, a JSON Lines file.\"},"
    "\"test_file\": {\"type\": \"string\", \"format\": \"path\", \"description\": \"The test"
    " questions, a JSON Lines file.\"},"
    "\"prompt\": {\"type\": \"string\", \"default\": \"chat\", \"enum\": [\"chat\", \"text\"],"
    " \"description\": \"Whether a question is a user's message or a text to be continued.\"},"
    "\"instruction\": {\"type\": \"string\", \"default\": \"Think step by step. End with a line that"
    " says \\\"Answer: \\\" and the letter of the right option.\", \"description\": \"What stands below"
    " the options.\"},"
    "\"letters\": {\"type\": \"integer\", \"default\": 10, \"minimum\": 2, \"maximum\": 26,"
    " \"description\": \"How many letters, from A on, are read as answers.\"}},"
    " \"required\": [\"train_file\", \"test_file\"], \"additionalProperties\": false}";

static const reflux_extension extension = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table),
    .concurrency = REFLUX_CONCURRENCY_PARALLEL,
    .deterministic = 1,
    .stability = REFLUX_STABILITY_STABLE,
    .kind = REFLUX_LITERAL(REFLUX_KIND_TASK_EVALUATOR),
    .id = REFLUX_LITERAL("multiple-choice"),
    .title = REFLUX_LITERAL("Multiple-choice questions from a JSON Lines file"),
    .description = REFLUX_LITERAL(
        "Asks questions with lettered options and reads the letter that a response has chosen."),
    .config_schema = REFLUX_LITERAL(schema),
    .table = &table,
};

static const reflux_extension *const extensions[] = { &extension };

static const reflux_plugin plugin = {
    .magic = REFLUX_PLUGIN_MAGIC,
    .struct_size = REFLUX_STRUCT_SIZE(reflux_plugin, extension_count),
    .abi_minor = REFLUX_ABI_MINOR,
    .id = REFLUX_LITERAL("multiple-choice"),
    .name = REFLUX_LITERAL("Multiple choice"),
    .version = REFLUX_LITERAL("1.0.0"),
    .license = REFLUX_LITERAL("Apache-2.0"),
    .description = REFLUX_LITERAL("A task of multiple-choice questions from files of your own."),
    .language = REFLUX_LITERAL("C"),
    .toolchain = REFLUX_LITERAL("C11"),
    .init = init,
    .extensions = extensions,
    .extension_count = sizeof(extensions) / sizeof(extensions[0]),
};

const reflux_plugin *reflux_plugin_entry_v1(void) { return &plugin; }
