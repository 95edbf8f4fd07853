/* {{title}}: a rule by which agreement with the teachers pays.
 *
 * Copyright {{year}} {{author}}. */
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

/* The settings; never written to after create, so that any thread may judge. */
typedef struct {{symbol}}_rule {
    double min_share;
} {{symbol}}_rule;

static void destroy(void *instance) { free(instance); }

static int32_t create(reflux_call *call, const reflux_creation *creation, void **instance) {
    reflux_settings settings = reflux_settings_begin(host, call, creation);
    {{symbol}}_rule *rule = calloc(1, sizeof(*rule));
    if (rule == NULL) { return REFLUX_OUT_OF_MEMORY; }
    rule->min_share = reflux_setting_number(&settings, "min_share");
    if (settings.status != REFLUX_OK) {
        destroy(rule);
        return settings.status;
    }
    host->set_configuration(call, creation->configuration);
    *instance = rule;
    return REFLUX_OK;
}

/* Whether a response is a teacher's and has an answer. */
static int votes(const reflux_response *response) {
    return response->role == REFLUX_ROLE_TEACHER && response->answer.data != NULL;
}

/* How many teachers gave an answer. */
static uint64_t count(const reflux_group *group, reflux_string answer) {
    uint64_t total = 0;
    for (uint64_t index = 0; index < group->response_count; index += 1) {
        const reflux_response *response = group->responses[index];
        total += (uint64_t)(votes(response) && reflux_equal(response->answer, answer));
    }
    return total;
}

/* Leaves the whole group without rewards. */
static int32_t abstain(
    reflux_call *call, const reflux_group *group, const reflux_judgement *out,
    const char *reason) {
    out->set_abstention(call, reflux_text(reason));
    for (uint64_t index = 0; index < group->response_count; index += 1) {
        out->abstain(call, index, reflux_text(reason));
    }
    return REFLUX_OK;
}

/* The teachers' most frequent answer is the label; a response earns 1 when its answer is the label
 * and 0 when not. Quadratic in the responses, of which a prompt has a few dozen. */
static int32_t judge(
    void *instance, reflux_call *call, const reflux_group *group, const reflux_judgement *out) {
    const {{symbol}}_rule *rule = instance;
    reflux_string label = reflux_text(NULL);
    uint64_t best = 0, teachers = 0;
    int is_tied = 0;
    for (uint64_t index = 0; index < group->response_count; index += 1) {
        const reflux_response *response = group->responses[index];
        teachers += response->role == REFLUX_ROLE_TEACHER;
        if (!votes(response)) { continue; }
        uint64_t found = count(group, response->answer);
        if (found > best) {
            best = found;
            label = response->answer;
            is_tied = 0;
        } else if (found == best && !reflux_equal(response->answer, label)) {
            is_tied = 1;
        }
    }
    double share = teachers == 0 ? 0 : (double)best / (double)teachers;
    reflux_metric(host, call, "share", share);
    if (best == 0) { return abstain(call, group, out, "no teacher answer"); }
    if (is_tied) { return abstain(call, group, out, "tie"); }
    if (share < rule->min_share) { return abstain(call, group, out, "share too small"); }

    out->set_label(call, label);
    for (uint64_t index = 0; index < group->response_count; index += 1) {
        out->rewards[index] = reflux_equal(group->responses[index]->answer, label);
    }
    return REFLUX_OK;
}

static const reflux_rule_table table = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_rule_table, judge),
    .create = create,
    .destroy = destroy,
    .judge = judge,
};

/* The settings, as the host checks them and fills in their defaults. Every one needs a description,
 * and a default unless it is required. */
static const char schema[] =
    "{\"type\": \"object\", \"properties\": {"
    "\"min_share\": {\"type\": \"number\", \"default\": 0.5, \"minimum\": 0, \"maximum\": 1,"
    " \"description\": \"The smallest share of the teacher responses that makes a label.\"}},"
    " \"additionalProperties\": false}";

static const reflux_extension extension = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table),
    .concurrency = REFLUX_CONCURRENCY_PARALLEL,
    .deterministic = 1,
    .stability = REFLUX_STABILITY_EXPERIMENTAL,
    .kind = REFLUX_LITERAL(REFLUX_KIND_PSEUDO_REWARD_RULE),
    .id = REFLUX_LITERAL("{{id}}"),
    .title = REFLUX_LITERAL("{{title}}"),
    .description = REFLUX_LITERAL("Rewards agreement with the majority of the teachers."),
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
    .description = REFLUX_LITERAL("Rewards agreement with the majority of the teachers."),
    .language = REFLUX_LITERAL("C"),
    .toolchain = REFLUX_LITERAL("C11"),
    .init = init,
    .extensions = extensions,
    .extension_count = sizeof(extensions) / sizeof(extensions[0]),
};

const reflux_plugin *reflux_plugin_entry_v1(void) { return &plugin; }
