/* {{title}}: questions with one right answer each, from JSON Lines files.
 *
 * Copyright {{year}} {{author}}. */
#include <stdlib.h>

#include "reflux/lines.h"
#include "reflux/reflux.h"
#include "reflux/settings.h"

static const reflux_host *host;

/* [load] Keeps the host; called once, before anything else. */
static int32_t init(const reflux_host *given, reflux_call *call) {
    (void)call;
    host = given;
    return REFLUX_OK;
}

/* The settings; never written to after create, so that any thread may use them. */
typedef struct {{symbol}}_task {
    char *train_file;
    char *test_file;
} {{symbol}}_task;

static void destroy(void *instance) {
    {{symbol}}_task *task = instance;
    free(task->train_file);
    free(task->test_file);
    free(task);
}

static int32_t create(reflux_call *call, const reflux_creation *creation, void **instance) {
    reflux_settings settings = reflux_settings_begin(host, call, creation);
    {{symbol}}_task *task = calloc(1, sizeof(*task));
    if (task == NULL) { return REFLUX_OUT_OF_MEMORY; }
    task->train_file = reflux_setting_text(&settings, "train_file");
    task->test_file = reflux_setting_text(&settings, "test_file");
    if (settings.status != REFLUX_OK) {
        destroy(task);
        return settings.status;
    }
    host->set_configuration(call, creation->configuration);
    *instance = task;
    return REFLUX_OK;
}

static int32_t list_metrics(void *instance, reflux_call *call, const reflux_metric_list *out) {
    (void)instance;
    out->add(call, reflux_text("exact"));
    return REFLUX_OK;
}

/* Adds the example of a line, {"question": "...", "answer": "..."}; memory holds the decoded texts
 * and is twice as long as the line. Returns what is wrong with the line, or NULL. */
static const char *add_line(
    reflux_call *call, reflux_string line, const char *id, char *memory,
    const reflux_example_list *out) {
    reflux_json question, answer;
    const char *fault = reflux_json_check(line);
    if (fault != NULL) { return fault; }
    if (!reflux_json_find(line, "question", &question) || question.type != REFLUX_JSON_TEXT) {
        return "there is no text \"question\"";
    }
    if (!reflux_json_find(line, "answer", &answer) || answer.type != REFLUX_JSON_TEXT) {
        return "there is no text \"answer\"";
    }
    reflux_example example = { .struct_size = REFLUX_STRUCT_SIZE(reflux_example, option_count) };
    size_t capacity = (size_t)line.length + 1;
    example.id = reflux_text(id);
    example.question = reflux_slice(memory, reflux_json_text(question, memory, capacity));
    memory += capacity;
    example.gold = reflux_slice(memory, reflux_json_text(answer, memory, capacity));
    out->add(call, &example);
    return NULL;
}

/* Reads a file. An error names file and line. */
static int32_t load_file(
    reflux_call *call, const char *path, const char *split, const reflux_example_list *out) {
    reflux_lines lines = reflux_lines_open(path);
    const char *fault = NULL;
    while (fault == NULL && reflux_lines_next(&lines)) {
        char id[64];
        char *memory = malloc(2 * (size_t)lines.text.length + 2);
        if (memory == NULL) {
            fault = "there is not enough memory";
            break;
        }
        snprintf(id, sizeof(id), "%s/%llu", split, (unsigned long long)(lines.number - 1));
        fault = add_line(call, lines.text, id, memory, out);
        free(memory);
    }
    const char *broken = reflux_lines_close(&lines);
    if (fault == NULL && broken == NULL) { return REFLUX_OK; }
    return reflux_fail(
        host, call, "%s:%llu: %s; wanted {\"question\": \"...\", \"answer\": \"...\"}", path,
        (unsigned long long)lines.number, fault != NULL ? fault : broken);
}

static int32_t load_examples(
    void *instance, reflux_call *call, int32_t split, const reflux_example_list *out) {
    const {{symbol}}_task *task = instance;
    if (split == REFLUX_SPLIT_TRAIN) { return load_file(call, task->train_file, "train", out); }
    if (split == REFLUX_SPLIT_TEST) { return load_file(call, task->test_file, "test", out); }
    reflux_fail(host, call, "there are the splits train and test only");
    return REFLUX_UNSUPPORTED;
}

static int32_t write_prompt(
    void *instance, reflux_call *call, const reflux_example *example,
    const reflux_prompt_draft *out) {
    static const char instruction[] = "\nEnd with a line that says \"Answer: \" and the answer.";
    size_t length = (size_t)example->question.length;
    char *text = malloc(length + sizeof(instruction));
    (void)instance;
    if (text == NULL) { return REFLUX_OUT_OF_MEMORY; }
    if (length > 0) { memcpy(text, example->question.data, length); }
    memcpy(text + length, instruction, sizeof(instruction));
    out->add_message(
        call, REFLUX_SPEAKER_USER, reflux_slice(text, length + sizeof(instruction) - 1));
    free(text);
    return REFLUX_OK;
}

/* What stands behind the last "Answer:", up to the end of its line, without spaces around it;
 * absent when there is nothing. Linear in the text. */
static reflux_string read_answer(reflux_string text) {
    static const char mark[] = "Answer:";
    const size_t width = sizeof(mark) - 1;
    for (uint64_t end = text.length; end >= width; end -= 1) {
        const char *start = text.data + (end - width);
        if (memcmp(start, mark, width) != 0) { continue; }
        const char *first = start + width;
        const char *last = first;
        const char *limit = text.data + text.length;
        while (last < limit && *last != '\n') { last += 1; }
        while (first < last && (unsigned char)*first <= ' ') { first += 1; }
        while (last > first && (unsigned char)last[-1] <= ' ') { last -= 1; }
        return first == last ? reflux_text(NULL) : reflux_slice(first, (size_t)(last - first));
    }
    return reflux_text(NULL);
}

static int32_t read_answers(
    void *instance, reflux_call *call, const reflux_string *responses, uint64_t count,
    const reflux_answer_list *out) {
    (void)instance;
    for (uint64_t index = 0; index < count; index += 1) {
        reflux_string answer = read_answer(responses[index]);
        if (answer.data != NULL) { out->set_answer(call, index, answer); }
    }
    return REFLUX_OK;
}

static int32_t grade(
    void *instance, reflux_call *call, const reflux_string *responses,
    const reflux_example *const *examples, uint64_t count, const reflux_grades *out) {
    (void)instance;
    (void)call;
    for (uint64_t index = 0; index < count; index += 1) {
        reflux_string answer = read_answer(responses[index]);
        out->parsed[index] = answer.data != NULL;
        out->correct[index * out->metric_count] =
            answer.data != NULL && reflux_equal(answer, examples[index]->gold);
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

/* The settings, as the host checks them and fills in their defaults. Every one needs a description,
 * and a default unless it is required. */
static const char schema[] =
    "{\"type\": \"object\", \"properties\": {"
    "\"train_file\": {\"type\": \"string\", \"format\": \"path\", \"description\": \"The training"
    " questions: JSON Lines with question and answer.\"},"
    "\"test_file\": {\"type\": \"string\", \"format\": \"path\", \"description\": \"The test"
    " questions: JSON Lines with question and answer.\"}},"
    " \"required\": [\"train_file\", \"test_file\"], \"additionalProperties\": false}";

static const reflux_extension extension = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table),
    .concurrency = REFLUX_CONCURRENCY_PARALLEL,
    .deterministic = 1,
    .stability = REFLUX_STABILITY_EXPERIMENTAL,
    .kind = REFLUX_LITERAL(REFLUX_KIND_TASK_EVALUATOR),
    .id = REFLUX_LITERAL("{{id}}"),
    .title = REFLUX_LITERAL("{{title}}"),
    .description = REFLUX_LITERAL("Questions with one right answer each, marked by exact match."),
    .config_schema = REFLUX_LITERAL(schema),
    .table = &table,
};

static const reflux_extension *const extensions[] = { &extension };

static const reflux_plugin plugin = {
    .magic = REFLUX_PLUGIN_MAGIC,
    .struct_size = REFLUX_STRUCT_SIZE(reflux_plugin, extension_count),
    .abi_minor = REFLUX_ABI_MINOR,
    .id = REFLUX_LITERAL("{{id}}"),
    .name = REFLUX_LITERAL("{{title}}"),
    .version = REFLUX_LITERAL("0.1.0"),
    .license = REFLUX_LITERAL("Apache-2.0"),
    .description = REFLUX_LITERAL("Questions with one right answer each, marked by exact match."),
    .language = REFLUX_LITERAL("C"),
    .toolchain = REFLUX_LITERAL("C11"),
    .init = init,
    .extensions = extensions,
    .extension_count = sizeof(extensions) / sizeof(extensions[0]),
};

const reflux_plugin *reflux_plugin_entry_v1(void) { return &plugin; }
