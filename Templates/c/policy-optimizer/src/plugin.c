/* {{title}}: REINFORCE with the mean reward of the group as the baseline.
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

/* The settings; nothing else is kept, so that equal batches give equal results. */
typedef struct {{symbol}}_optimizer {
    int has_baseline;
    uint32_t epochs;
} {{symbol}}_optimizer;

static void destroy(void *instance) { free(instance); }

static int32_t create(reflux_call *call, const reflux_creation *creation, void **instance) {
    reflux_settings settings = reflux_settings_begin(host, call, creation);
    {{symbol}}_optimizer *optimizer = calloc(1, sizeof(*optimizer));
    if (optimizer == NULL) { return REFLUX_OUT_OF_MEMORY; }
    optimizer->has_baseline = reflux_setting_boolean(&settings, "baseline");
    optimizer->epochs = (uint32_t)reflux_setting_integer(&settings, "epochs");
    if (settings.status != REFLUX_OK) {
        destroy(optimizer);
        return settings.status;
    }
    host->set_configuration(call, creation->configuration);
    *instance = optimizer;
    return REFLUX_OK;
}

static int32_t get_traits(void *instance, reflux_call *call, reflux_optimizer_traits *out) {
    const {{symbol}}_optimizer *optimizer = instance;
    (void)call;
    out->epochs = optimizer->epochs;
    return REFLUX_OK;
}

/* The mean reward of a group. Linear in the sequences. */
static double group_mean(const reflux_rollout_batch *batch, uint64_t group) {
    double sum = 0, count = 0;
    for (uint64_t index = 0; index < batch->sequence_count; index += 1) {
        if (batch->groups[index] != group) { continue; }
        sum += batch->rewards[index];
        count += 1;
    }
    return sum / count;
}

/* Every token has the advantage R - mean of its sequence. */
static int32_t compute_advantages(
    void *instance, reflux_call *call, const reflux_rollout_batch *batch,
    const reflux_advantages *out) {
    const {{symbol}}_optimizer *optimizer = instance;
    for (uint64_t sequence = 0; sequence < batch->sequence_count; sequence += 1) {
        double reward = batch->rewards[sequence];
        if (!isfinite(reward)) {
            return reflux_fail(
                host, call, "the reward of sequence %llu is %g", (unsigned long long)sequence,
                reward);
        }
        if (optimizer->has_baseline) { reward -= group_mean(batch, batch->groups[sequence]); }
        uint64_t end = batch->offsets[sequence + 1];
        for (uint64_t token = batch->offsets[sequence]; token < end; token += 1) {
            out->advantages[token] = (float)reward;
        }
    }
    return REFLUX_OK;
}

/* REINFORCE (Williams, 1992): the mean over tokens of -A log pi. It is divided by the tokens of the
 * whole update, so that micro-batches add up. */
static int32_t compute_loss(
    void *instance, reflux_call *call, const reflux_loss_batch *batch, reflux_loss *out) {
    double tokens = batch->total_tokens == 0 ? 1 : (double)batch->total_tokens;
    double value = 0;
    (void)instance;
    for (uint64_t token = 0; token < batch->token_count; token += 1) {
        double advantage = (double)batch->advantages[token];
        value -= advantage * (double)batch->logprobs[token] / tokens;
        out->by_logprob[token] = (float)(-advantage / tokens);
    }
    if (!isfinite(value)) { return reflux_fail(host, call, "the loss is %g", value); }
    out->value = value;
    reflux_metric(host, call, "policy_loss", value);
    return REFLUX_OK;
}

static const reflux_optimizer_table table = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_optimizer_table, compute_loss),
    .create = create,
    .destroy = destroy,
    .get_traits = get_traits,
    .compute_advantages = compute_advantages,
    .compute_loss = compute_loss,
};

/* The settings, as the host checks them and fills in their defaults. Every one needs a description,
 * and a default unless it is required. */
static const char schema[] =
    "{\"type\": \"object\", \"properties\": {"
    "\"baseline\": {\"type\": \"boolean\", \"default\": true, \"description\": \"Subtract the mean"
    " reward of the prompt's group.\"},"
    "\"epochs\": {\"type\": \"integer\", \"default\": 1, \"minimum\": 1, \"maximum\": 100,"
    " \"description\": \"How often the rollouts of a step are gone through.\"}},"
    " \"additionalProperties\": false}";

static const reflux_extension extension = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table),
    .concurrency = REFLUX_CONCURRENCY_PARALLEL,
    .deterministic = 1,
    .stability = REFLUX_STABILITY_EXPERIMENTAL,
    .kind = REFLUX_LITERAL(REFLUX_KIND_POLICY_OPTIMIZER),
    .id = REFLUX_LITERAL("{{id}}"),
    .title = REFLUX_LITERAL("{{title}}"),
    .description = REFLUX_LITERAL("REINFORCE with the mean reward of the group as the baseline."),
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
    .description = REFLUX_LITERAL("REINFORCE with the mean reward of the group as the baseline."),
    .language = REFLUX_LITERAL("C"),
    .toolchain = REFLUX_LITERAL("C11"),
    .init = init,
    .extensions = extensions,
    .extension_count = sizeof(extensions) / sizeof(extensions[0]),
};

const reflux_plugin *reflux_plugin_entry_v1(void) { return &plugin; }
