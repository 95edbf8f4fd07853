/* A plugin of the next minor, built against the grown header: a rule that uses the new service and the
 * new field where the host has them, and does without where it has not. MIN_HOST_MINOR is given by
 * the compiler's command line. */
#include <reflux/reflux.h>

#define TEXT(literal) { (literal), sizeof(literal) - 1 }

static const reflux_host *host;
static char handle;

static int32_t init(const reflux_host *given, reflux_call *call) {
    (void)call;
    host = given;
    return REFLUX_OK;
}

static int32_t create(reflux_call *call, const reflux_creation *creation, void **instance) {
    host->set_configuration(call, creation->configuration);
    *instance = &handle;
    return REFLUX_OK;
}

static void destroy(void *instance) { (void)instance; }

static int32_t judge(
    void *instance, reflux_call *call, const reflux_group *group, const reflux_judgement *out) {
    int32_t service = -1;
    double field = -1;
    (void)instance;
    if (REFLUX_HAS_FUNCTION(reflux_host, host, grown_service)) {
        service = host->grown_service(call);
    }
    if (REFLUX_HAS_FIELD(reflux_group, group, grown_field)) { field = (double)group->grown_field; }
    for (uint64_t i = 0; i < group->response_count; i += 1) { out->rewards[i] = 1; }
    host->metric(call, 0, (reflux_string)TEXT("service"), service);
    host->metric(call, 0, (reflux_string)TEXT("field"), field);
    return REFLUX_OK;
}

static const reflux_rule_table table = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_rule_table, judge),
    .create = create,
    .destroy = destroy,
    .judge = judge,
};

static const reflux_extension rule = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table),
    .deterministic = 1,
    .kind = TEXT(REFLUX_KIND_PSEUDO_REWARD_RULE),
    .id = TEXT("newer-rule"),
    .title = TEXT("A rule of the next minor"),
    .description = TEXT("Says what the host has."),
    .config_schema =
        TEXT("{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}"),
    .table = &table,
};

static const reflux_extension *const extensions[] = {&rule};

static const reflux_plugin plugin = {
    .magic = REFLUX_PLUGIN_MAGIC,
    .struct_size = REFLUX_STRUCT_SIZE(reflux_plugin, extension_count),
    .abi_minor = REFLUX_ABI_MINOR,
    .min_host_minor = MIN_HOST_MINOR,
    .id = TEXT("newer"),
    .name = TEXT("Newer"),
    .version = TEXT("1.0.0"),
    .license = TEXT("Apache-2.0"),
    .description = TEXT("A plugin of the next minor."),
    .language = TEXT("C"),
    .toolchain = TEXT("cc"),
    .init = init,
    .extensions = extensions,
    .extension_count = 1,
};

const reflux_plugin *reflux_plugin_entry_v1(void) { return &plugin; }
