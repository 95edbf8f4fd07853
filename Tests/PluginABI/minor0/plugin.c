/* A plugin as it was written for minor 0, against the header beside it and nothing else: a rule that
 * uses every service, and an optimizer. Never changed again; see ../README.md. */
#include <reflux/reflux.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(literal) { (literal), sizeof(literal) - 1 }

static const reflux_host *host;

static int32_t init(const reflux_host *given, reflux_call *call) {
    (void)call;
    host = given;
    return REFLUX_OK;
}

/* An instance remembers the seed of its run. */
static int32_t create(reflux_call *call, const reflux_creation *creation, void **instance) {
    uint64_t *seed = malloc(sizeof(*seed));
    if (seed == NULL) { return REFLUX_OUT_OF_MEMORY; }
    *seed = creation->seed;
    host->set_configuration(call, creation->configuration);
    *instance = seed;
    return REFLUX_OK;
}

static void destroy(void *instance) { free(instance); }

static int same(reflux_string a, reflux_string b) {
    return a.data != NULL && b.data != NULL && a.length == b.length
        && memcmp(a.data, b.data, a.length) == 0;
}

/* The first teacher's answer is the label; a response that was cut abstains. */
static int32_t judge(
    void *instance, reflux_call *call, const reflux_group *group, const reflux_judgement *out) {
    reflux_string label = {NULL, 0};
    (void)instance;
    if (REFLUX_HAS_FUNCTION(reflux_host, host, is_cancelled) && host->is_cancelled(call)) {
        return REFLUX_CANCELLED;
    }
    for (uint64_t i = group->response_count; i > 0; i -= 1) {
        const reflux_response *response = group->responses[i - 1];
        if (response->role == REFLUX_ROLE_TEACHER) { label = response->answer; }
    }
    if (label.data == NULL) {
        host->set_error(call, (reflux_string)TEXT("the first teacher has no answer"));
        return REFLUX_ERROR;
    }
    out->set_label(call, label);
    for (uint64_t i = 0; i < group->response_count; i += 1) {
        if (group->responses[i]->finish == REFLUX_FINISH_LENGTH) {
            out->abstain(call, i, (reflux_string)TEXT("cut"));
        } else {
            out->rewards[i] = same(group->responses[i]->answer, label) ? 1 : 0;
        }
    }
    if (REFLUX_HAS_FUNCTION(reflux_host, host, metric)) {
        host->metric(call, 0, (reflux_string)TEXT("responses"), (double)group->response_count);
    }
    if (REFLUX_HAS_FUNCTION(reflux_host, host, log)) {
        host->log(call, REFLUX_LOG_DEBUG, (reflux_string)TEXT("judged"));
    }
    return REFLUX_OK;
}

static int32_t get_traits(void *instance, reflux_call *call, reflux_optimizer_traits *out) {
    (void)instance;
    (void)call;
    out->epochs = 2;
    out->needs_reference = 1;
    return REFLUX_OK;
}

/* Reward minus the mean reward of the batch. */
static int32_t compute_advantages(
    void *instance, reflux_call *call, const reflux_rollout_batch *batch,
    const reflux_advantages *out) {
    double sum = 0;
    (void)instance;
    (void)call;
    for (uint64_t s = 0; s < batch->sequence_count; s += 1) { sum += batch->rewards[s]; }
    for (uint64_t s = 0; s < batch->sequence_count; s += 1) {
        double advantage = batch->rewards[s] - sum / (double)batch->sequence_count;
        for (uint64_t t = batch->offsets[s]; t < batch->offsets[s + 1]; t += 1) {
            out->advantages[t] = (float)advantage;
        }
    }
    return REFLUX_OK;
}

/* Minus the mean of A log pi over the tokens of the update. */
static int32_t compute_loss(
    void *instance, reflux_call *call, const reflux_loss_batch *batch, reflux_loss *out) {
    double sum = 0;
    (void)instance;
    (void)call;
    for (uint64_t t = 0; t < batch->token_count; t += 1) {
        double weight = (double)batch->advantages[t] / (double)batch->total_tokens;
        sum -= weight * (double)batch->logprobs[t];
        out->by_logprob[t] = (float)-weight;
    }
    out->value = sum;
    return REFLUX_OK;
}

static const reflux_rule_table rule_table = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_rule_table, judge),
    .create = create,
    .destroy = destroy,
    .judge = judge,
};

static const reflux_optimizer_table optimizer_table = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_optimizer_table, compute_loss),
    .create = create,
    .destroy = destroy,
    .get_traits = get_traits,
    .compute_advantages = compute_advantages,
    .compute_loss = compute_loss,
};

#define SCHEMA TEXT("{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}")

static const reflux_extension rule = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table),
    .concurrency = REFLUX_CONCURRENCY_PARALLEL,
    .deterministic = 1,
    .stability = REFLUX_STABILITY_STABLE,
    .kind = TEXT(REFLUX_KIND_PSEUDO_REWARD_RULE),
    .id = TEXT("old-rule"),
    .title = TEXT("A rule of minor 0"),
    .description = TEXT("Compares with the first teacher."),
    .config_schema = SCHEMA,
    .table = &rule_table,
};

static const reflux_extension optimizer = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table),
    .concurrency = REFLUX_CONCURRENCY_SERIAL,
    .deterministic = 1,
    .stability = REFLUX_STABILITY_STABLE,
    .kind = TEXT(REFLUX_KIND_POLICY_OPTIMIZER),
    .id = TEXT("old-optimizer"),
    .title = TEXT("An optimizer of minor 0"),
    .description = TEXT("REINFORCE."),
    .config_schema = SCHEMA,
    .table = &optimizer_table,
};

static const reflux_extension *const extensions[] = {&rule, &optimizer};

static const reflux_plugin plugin = {
    .magic = REFLUX_PLUGIN_MAGIC,
    .struct_size = REFLUX_STRUCT_SIZE(reflux_plugin, extension_count),
    .abi_minor = REFLUX_ABI_MINOR,
    .min_host_minor = 0,
    .id = TEXT("old"),
    .name = TEXT("Old"),
    .version = TEXT("1.0.0"),
    .license = TEXT("Apache-2.0"),
    .description = TEXT("A plugin of minor 0."),
    .language = TEXT("C"),
    .toolchain = TEXT("cc"),
    .init = init,
    .extensions = extensions,
    .extension_count = 2,
};

const reflux_plugin *reflux_plugin_entry_v1(void) { return &plugin; }
