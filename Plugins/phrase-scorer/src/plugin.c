/* phrase-scorer: a reward model that only scores. To wrap a scorer of your own, replace phrases.c
 * and score_text; the rest stays. */
#include <math.h>
#include <stdlib.h>

#include "phrases.h"
#include "reflux/reflux.h"
#include "reflux/settings.h"

static const reflux_host *host;

typedef struct scorer {
    phrase_list list;
    char *path;
    uint64_t most_counted;
    double length_weight;
    double length_target;
    double unfinished;
    double bias;
} scorer;

static int32_t init(const reflux_host *given, reflux_call *call) {
    (void)call;
    host = given;
    return REFLUX_OK;
}

static void destroy(void *instance) {
    scorer *made = instance;
    phrases_free(&made->list);
    free(made->path);
    free(made);
}

static int32_t create(reflux_call *call, const reflux_creation *creation, void **instance) {
    reflux_settings settings = reflux_settings_begin(host, call, creation);
    scorer *made = calloc(1, sizeof(*made));
    if (made == NULL) { return REFLUX_OUT_OF_MEMORY; }
    made->path = reflux_setting_text(&settings, "phrases");
    made->list.ignores_case = reflux_setting_boolean(&settings, "ignore_case");
    made->most_counted = (uint64_t)reflux_setting_integer(&settings, "most_counted");
    made->length_weight = reflux_setting_number(&settings, "length_weight");
    made->length_target = reflux_setting_number(&settings, "length_target");
    made->unfinished = reflux_setting_number(&settings, "unfinished");
    made->bias = reflux_setting_number(&settings, "bias");
    int32_t status = settings.status;
    if (status == REFLUX_OK) { status = phrases_read(host, call, made->path, &made->list); }
    if (status != REFLUX_OK) {
        destroy(made);
        return status;
    }
    host->set_configuration(call, creation->configuration);
    *instance = made;
    return REFLUX_OK;
}

/* The score of one response: finite for every text. */
static double score_text(const scorer *made, const reflux_scoring_item *item) {
    double length = (double)item->text.length;
    double away = fabs(length - made->length_target) / made->length_target;
    double score = made->bias + phrases_score(&made->list, item->text, made->most_counted);
    if (made->length_weight != 0) { score -= made->length_weight * away; }
    return item->finished ? score : score + made->unfinished;
}

static int32_t score(
    void *instance, reflux_call *call, const reflux_scoring_item *const *items, uint64_t count,
    double *scores) {
    for (uint64_t index = 0; index < count; index += 1) {
        if (reflux_is_cancelled(host, call)) { return REFLUX_CANCELLED; }
        scores[index] = score_text(instance, items[index]);
    }
    return REFLUX_OK;
}

static const reflux_reward_model_table table = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_reward_model_table, load),
    .create = create,
    .destroy = destroy,
    .score = score,
};

static const char schema[] =
    "{\"type\": \"object\", \"properties\": {"
    "\"phrases\": {\"type\": \"string\", \"format\": \"path\", \"description\": \"The list: lines of"
    " a weight, a tab and a phrase.\"},"
    "\"ignore_case\": {\"type\": \"boolean\", \"default\": false, \"description\": \"Whether A and a"
    " are the same, for ASCII letters.\"},"
    "\"most_counted\": {\"type\": \"integer\", \"default\": 3, \"minimum\": 1, \"maximum\": 1000000,"
    " \"description\": \"How often one phrase counts in a response at most.\"},"
    "\"length_weight\": {\"type\": \"number\", \"default\": 0, \"minimum\": -1000, \"maximum\": 1000,"
    " \"description\": \"What the relative distance from length_target costs.\"},"
    "\"length_target\": {\"type\": \"number\", \"default\": 400, \"minimum\": 1, \"maximum\":"
    " 1000000, \"description\": \"The length that costs nothing, in bytes.\"},"
    "\"unfinished\": {\"type\": \"number\", \"default\": -1, \"minimum\": -1000, \"maximum\": 1000,"
    " \"description\": \"Added to the score of a response that a limit cut.\"},"
    "\"bias\": {\"type\": \"number\", \"default\": 0, \"minimum\": -1000, \"maximum\": 1000,"
    " \"description\": \"Added to every score.\"}},"
    " \"required\": [\"phrases\"], \"additionalProperties\": false}";

static const reflux_extension extension = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table),
    .concurrency = REFLUX_CONCURRENCY_PARALLEL,
    .deterministic = 1,
    .stability = REFLUX_STABILITY_STABLE,
    .kind = REFLUX_LITERAL(REFLUX_KIND_REWARD_MODEL),
    .id = REFLUX_LITERAL("phrase-scorer"),
    .title = REFLUX_LITERAL("Scores responses by weighted phrases and length"),
    .description = REFLUX_LITERAL(
        "A reward model that learns nothing: the weights of the phrases that a response holds, less"
        " what its length costs. The example of how an existing scorer is wrapped."),
    .config_schema = REFLUX_LITERAL(schema),
    .table = &table,
};

static const reflux_extension *const extensions[] = { &extension };

static const reflux_plugin plugin = {
    .magic = REFLUX_PLUGIN_MAGIC,
    .struct_size = REFLUX_STRUCT_SIZE(reflux_plugin, extension_count),
    .abi_minor = REFLUX_ABI_MINOR,
    .id = REFLUX_LITERAL("phrase-scorer"),
    .name = REFLUX_LITERAL("Phrase scorer"),
    .version = REFLUX_LITERAL("1.0.0"),
    .license = REFLUX_LITERAL("Apache-2.0"),
    .description = REFLUX_LITERAL("A reward model made of a list of weighted phrases."),
    .language = REFLUX_LITERAL("C"),
    .toolchain = REFLUX_LITERAL("C11"),
    .init = init,
    .extensions = extensions,
    .extension_count = sizeof(extensions) / sizeof(extensions[0]),
};

const reflux_plugin *reflux_plugin_entry_v1(void) { return &plugin; }
