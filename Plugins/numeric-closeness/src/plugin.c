/* numeric-closeness: the plugin's table and the settings of its rule. */
#include "rule.h"

static const reflux_host *host;

static int32_t init(const reflux_host *given, reflux_call *call) {
    (void)call;
    host = given;
    return REFLUX_OK;
}

static void destroy(void *instance) { free(instance); }

static int32_t create(reflux_call *call, const reflux_creation *creation, void **instance) {
    static const char *const shapes[] = { "linear", "exponential", NULL };
    static const char *const ties[] = { "abstain", "lowest", NULL };
    reflux_settings settings = reflux_settings_begin(host, call, creation);
    closeness_rule *rule = calloc(1, sizeof(*rule));
    if (rule == NULL) { return REFLUX_OUT_OF_MEMORY; }
    rule->tolerance = reflux_setting_number(&settings, "tolerance");
    rule->is_exponential = reflux_setting_choice(&settings, "shape", shapes);
    rule->takes_lowest = reflux_setting_choice(&settings, "tie", ties);
    rule->min_share = reflux_setting_number(&settings, "min_share");
    if (settings.status != REFLUX_OK) {
        destroy(rule);
        return settings.status;
    }
    host->set_configuration(call, creation->configuration);
    *instance = rule;
    return REFLUX_OK;
}

static int32_t judge(
    void *instance, reflux_call *call, const reflux_group *group, const reflux_judgement *out) {
    return closeness_judge(instance, host, call, group, out);
}

static const reflux_rule_table table = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_rule_table, judge),
    .create = create,
    .destroy = destroy,
    .judge = judge,
};

static const char schema[] =
    "{\"type\": \"object\", \"properties\": {"
    "\"tolerance\": {\"type\": \"number\", \"default\": 0.1, \"minimum\": 0, \"maximum\": 1000,"
    " \"description\": \"The relative distance at which the linear reward reaches 0 and the"
    " exponential one exp(-1); 0 rewards equal answers only.\"},"
    "\"shape\": {\"type\": \"string\", \"default\": \"linear\", \"enum\": [\"linear\","
    " \"exponential\"], \"description\": \"How the reward falls with the distance.\"},"
    "\"tie\": {\"type\": \"string\", \"default\": \"abstain\", \"enum\": [\"abstain\", \"lowest\"],"
    " \"description\": \"What becomes of two most frequent answers: no label, or the lowest of"
    " them.\"},"
    "\"min_share\": {\"type\": \"number\", \"default\": 0, \"minimum\": 0, \"maximum\": 1,"
    " \"description\": \"The smallest share of the teacher responses that makes a label.\"}},"
    " \"additionalProperties\": false}";

static const reflux_extension rule = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table),
    .concurrency = REFLUX_CONCURRENCY_PARALLEL,
    .deterministic = 1,
    .stability = REFLUX_STABILITY_STABLE,
    .kind = REFLUX_LITERAL(REFLUX_KIND_PSEUDO_REWARD_RULE),
    .id = REFLUX_LITERAL("numeric-closeness"),
    .title = REFLUX_LITERAL("Rewards numbers by their distance from the teachers' answer"),
    .description = REFLUX_LITERAL(
        "The teachers' most frequent answer is the label. A numeric answer earns the more, the nearer"
        " it is to a numeric label; any other answer earns 1 when it is the label and 0 when not."),
    .config_schema = REFLUX_LITERAL(schema),
    .table = &table,
};

static const reflux_extension *const extensions[] = { &rule };

static const reflux_plugin plugin = {
    .magic = REFLUX_PLUGIN_MAGIC,
    .struct_size = REFLUX_STRUCT_SIZE(reflux_plugin, extension_count),
    .abi_minor = REFLUX_ABI_MINOR,
    .id = REFLUX_LITERAL("numeric-closeness"),
    .name = REFLUX_LITERAL("Numeric closeness"),
    .version = REFLUX_LITERAL("1.0.0"),
    .license = REFLUX_LITERAL("Apache-2.0"),
    .description = REFLUX_LITERAL("A rule that rewards answers which are nearly right."),
    .language = REFLUX_LITERAL("C"),
    .toolchain = REFLUX_LITERAL("C11"),
    .init = init,
    .extensions = extensions,
    .extension_count = sizeof(extensions) / sizeof(extensions[0]),
};

const reflux_plugin *reflux_plugin_entry_v1(void) { return &plugin; }
