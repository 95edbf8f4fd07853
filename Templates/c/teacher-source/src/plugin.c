/* {{title}}: a teacher that answers from a table.
 *
 * Copyright {{year}} {{author}}. */
#include <math.h>
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

/* The settings. The table is read by respond, which is called once or twice in a run. */
typedef struct {{symbol}}_teacher {
    char *answers;
} {{symbol}}_teacher;

static void destroy(void *instance) {
    {{symbol}}_teacher *teacher = instance;
    free(teacher->answers);
    free(teacher);
}

static int32_t create(reflux_call *call, const reflux_creation *creation, void **instance) {
    reflux_settings settings = reflux_settings_begin(host, call, creation);
    {{symbol}}_teacher *teacher = calloc(1, sizeof(*teacher));
    if (teacher == NULL) { return REFLUX_OUT_OF_MEMORY; }
    teacher->answers = reflux_setting_text(&settings, "answers");
    if (settings.status != REFLUX_OK) {
        destroy(teacher);
        return settings.status;
    }
    host->set_configuration(call, creation->configuration);
    *instance = teacher;
    return REFLUX_OK;
}

/* Whether a text holds another one. */
static int holds(reflux_string text, const char *part, size_t length) {
    for (uint64_t start = 0; start + length <= text.length; start += 1) {
        if (memcmp(text.data + start, part, length) == 0) { return 1; }
    }
    return 0;
}

/* Adds the answers that the table has for one prompt: lines of a question, a tab and an answer, of
 * which those count whose question the prompt holds. Adds at most limit. */
static int32_t answer(
    const {{symbol}}_teacher *teacher, reflux_call *call, const reflux_prompt *prompt,
    uint64_t position, uint64_t limit, const reflux_response_list *out) {
    reflux_lines lines = reflux_lines_open(teacher->answers);
    const char *fault = NULL;
    uint64_t given = 0;
    while (given < limit && reflux_lines_next(&lines)) {
        if (lines.text.length == 0) { continue; }
        const char *tab = memchr(lines.text.data, '\t', (size_t)lines.text.length);
        size_t question = tab == NULL ? 0 : (size_t)(tab - lines.text.data);
        if (question == 0) {
            fault = "there is no question with a tab behind it";
            break;
        }
        if (!holds(prompt->text, lines.text.data, question)) { continue; }
        reflux_response response = {
            .struct_size = REFLUX_STRUCT_SIZE(reflux_response, mean_logprob),
            .text = reflux_slice(tab + 1, (size_t)lines.text.length - question - 1),
            .model = reflux_text("table"),
            .sample = (int64_t)given,
            .finish = REFLUX_FINISH_STOP,
            .temperature = NAN,
            .token_count = -1,
            .mean_logprob = NAN,
        };
        out->add(call, position, &response);
        given += 1;
    }
    const char *broken = reflux_lines_close(&lines);
    if (fault == NULL && broken == NULL) { return REFLUX_OK; }
    return reflux_fail(
        host, call, "%s:%llu: %s; wanted lines of a question, a tab and an answer",
        teacher->answers, (unsigned long long)lines.number, fault != NULL ? fault : broken);
}

static int32_t respond(
    void *instance, reflux_call *call, const reflux_prompt *const *prompts, uint64_t count,
    const reflux_sampling_plan *plan, const reflux_response_list *out) {
    uint64_t limit = plan->samples_per_temperature * plan->temperature_count;
    for (uint64_t index = 0; index < count; index += 1) {
        if (reflux_is_cancelled(host, call)) { return REFLUX_CANCELLED; }
        int32_t status = answer(instance, call, prompts[index], index, limit, out);
        if (status != REFLUX_OK) { return status; }
        reflux_progress(host, call, index + 1, count, "prompts");
    }
    return REFLUX_OK;
}

static const reflux_teacher_table table = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_teacher_table, respond),
    .create = create,
    .destroy = destroy,
    .respond = respond,
};

/* The settings, as the host checks them and fills in their defaults. Every one needs a description,
 * and a default unless it is required. */
static const char schema[] =
    "{\"type\": \"object\", \"properties\": {"
    "\"answers\": {\"type\": \"string\", \"format\": \"path\", \"description\": \"The table: lines of"
    " a question, a tab and an answer.\"}},"
    " \"required\": [\"answers\"], \"additionalProperties\": false}";

static const reflux_extension extension = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table),
    .concurrency = REFLUX_CONCURRENCY_SERIAL,
    .deterministic = 1,
    .stability = REFLUX_STABILITY_EXPERIMENTAL,
    .kind = REFLUX_LITERAL(REFLUX_KIND_TEACHER_SOURCE),
    .id = REFLUX_LITERAL("{{id}}"),
    .title = REFLUX_LITERAL("{{title}}"),
    .description = REFLUX_LITERAL("Answers from a table of questions and answers."),
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
    .description = REFLUX_LITERAL("Answers from a table of questions and answers."),
    .language = REFLUX_LITERAL("C"),
    .toolchain = REFLUX_LITERAL("C11"),
    .init = init,
    .extensions = extensions,
    .extension_count = sizeof(extensions) / sizeof(extensions[0]),
};

const reflux_plugin *reflux_plugin_entry_v1(void) { return &plugin; }
