/* {{title}}: a reward model that learns nothing: phrases and length.
 *
 * Copyright {{year}} {{author}}. */
#include <math.h>
#include <stdlib.h>

#include "reflux/reflux.h"
#include "reflux/settings.h"

static const reflux_host *host;

/* [load] Keeps the host; called once, before anything else. */
static int32_t init(const reflux_host *given, reflux_call *call) {
    (void)call;
    host = given;
    return REFLUX_OK;
}

/* The settings. phrases holds the texts one behind the other, each ended by a NUL. */
typedef struct {{symbol}}_model {
    char *phrases;
    uint64_t phrase_count;
    double length_target;
} {{symbol}}_model;

static void destroy(void *instance) {
    {{symbol}}_model *model = instance;
    free(model->phrases);
    free(model);
}

/* Decodes the list of phrases. Their texts are never longer than the list's own text. */
static int32_t read_phrases(reflux_settings *settings, {{symbol}}_model *model) {
    reflux_json list, element;
    if (!reflux_setting_array(settings, "phrases", &list)) { return settings->status; }
    size_t capacity = (size_t)list.text.length + 1, used = 0;
    model->phrases = calloc(1, capacity);
    if (model->phrases == NULL) { return REFLUX_OUT_OF_MEMORY; }
    reflux_json_cursor cursor = reflux_json_start(list.text);
    while (reflux_json_next(&cursor, NULL, &element)) {
        size_t length = reflux_json_text(element, model->phrases + used, capacity - used);
        if (length == 0) { continue; }
        used += length + 1;
        model->phrase_count += 1;
    }
    return REFLUX_OK;
}

static int32_t create(reflux_call *call, const reflux_creation *creation, void **instance) {
    reflux_settings settings = reflux_settings_begin(host, call, creation);
    {{symbol}}_model *model = calloc(1, sizeof(*model));
    if (model == NULL) { return REFLUX_OUT_OF_MEMORY; }
    model->length_target = reflux_setting_number(&settings, "length_target");
    int32_t status = read_phrases(&settings, model);
    if (status == REFLUX_OK) { status = settings.status; }
    if (status != REFLUX_OK) {
        destroy(model);
        return status;
    }
    host->set_configuration(call, creation->configuration);
    *instance = model;
    return REFLUX_OK;
}

/* Whether a text holds a phrase. */
static int holds(reflux_string text, const char *phrase, size_t length) {
    for (uint64_t start = 0; start + length <= text.length; start += 1) {
        if (memcmp(text.data + start, phrase, length) == 0) { return 1; }
    }
    return 0;
}

/* One point for every phrase that a text holds, less its relative distance from the wanted length.
 * */
static double score_text(const {{symbol}}_model *model, reflux_string text) {
    const char *phrase = model->phrases;
    double score = -fabs((double)text.length - model->length_target) / model->length_target;
    for (uint64_t index = 0; index < model->phrase_count; index += 1) {
        size_t length = strlen(phrase);
        score += holds(text, phrase, length);
        phrase += length + 1;
    }
    return score;
}

static int32_t score(
    void *instance, reflux_call *call, const reflux_scoring_item *const *items, uint64_t count,
    double *scores) {
    for (uint64_t index = 0; index < count; index += 1) {
        if (reflux_is_cancelled(host, call)) { return REFLUX_CANCELLED; }
        scores[index] = score_text(instance, items[index]->text);
    }
    return REFLUX_OK;
}

/* It only scores: fit, save and load stay NULL. */
static const reflux_reward_model_table table = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_reward_model_table, load),
    .create = create,
    .destroy = destroy,
    .score = score,
};

/* The settings, as the host checks them and fills in their defaults. Every one needs a description,
 * and a default unless it is required. */
static const char schema[] =
    "{\"type\": \"object\", \"properties\": {"
    "\"phrases\": {\"type\": \"array\", \"items\": {\"type\": \"string\"}, \"default\":"
    " [\"therefore\", \"Answer:\"], \"description\": \"Phrases that are worth a point each.\"},"
    "\"length_target\": {\"type\": \"number\", \"default\": 200, \"minimum\": 1, \"maximum\":"
    " 1000000, \"description\": \"The length that costs nothing, in bytes.\"}},"
    " \"additionalProperties\": false}";

static const reflux_extension extension = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table),
    .concurrency = REFLUX_CONCURRENCY_PARALLEL,
    .deterministic = 1,
    .stability = REFLUX_STABILITY_EXPERIMENTAL,
    .kind = REFLUX_LITERAL(REFLUX_KIND_REWARD_MODEL),
    .id = REFLUX_LITERAL("{{id}}"),
    .title = REFLUX_LITERAL("{{title}}"),
    .description = REFLUX_LITERAL("Scores responses by phrases and length."),
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
    .description = REFLUX_LITERAL("Scores responses by phrases and length."),
    .language = REFLUX_LITERAL("C"),
    .toolchain = REFLUX_LITERAL("C11"),
    .init = init,
    .extensions = extensions,
    .extension_count = sizeof(extensions) / sizeof(extensions[0]),
};

const reflux_plugin *reflux_plugin_entry_v1(void) { return &plugin; }
