/* The twin of the built-in optimizer grpo: a run with it gives the same bits. */
#include <math.h>
#include <reflux/reflux.h>
#include <reflux/settings.h>
#include <stdlib.h>

#include "grpo.h"
#include "statistics.h"

static const reflux_host *host;

static int32_t init(const reflux_host *given, reflux_call *call) {
    (void)call;
    host = given;
    return REFLUX_OK;
}

static void destroy(void *instance) { free(instance); }

static int32_t create(reflux_call *call, const reflux_creation *creation, void **instance) {
    static const char *const aggregations[] = {"sequence", "token", NULL};
    grpo *made = calloc(1, sizeof(*made));
    if (made == NULL) { return REFLUX_OUT_OF_MEMORY; }
    reflux_settings settings = reflux_settings_begin(host, call, creation);
    made->clip_low = reflux_setting_number(&settings, "clip_low");
    made->clip_high = reflux_setting_number(&settings, "clip_high");
    made->dual_clip = reflux_setting_number(&settings, "dual_clip");
    made->deviation_floor = reflux_setting_number(&settings, "deviation_floor");
    made->kl_coefficient = reflux_setting_number(&settings, "kl_coefficient");
    made->entropy_coefficient = reflux_setting_number(&settings, "entropy_coefficient");
    made->aggregation = reflux_setting_choice(&settings, "aggregation", aggregations);
    made->epochs = (uint32_t)reflux_setting_integer(&settings, "epochs");
    if (settings.status == REFLUX_OK && made->dual_clip != 0 && !(made->dual_clip > 1)) {
        settings.status = reflux_fail(
            host, call, "dual_clip is %g; give 0 (off) or a number above 1", made->dual_clip);
    }
    if (settings.status != REFLUX_OK) {
        destroy(made);
        return settings.status;
    }
    host->set_configuration(call, creation->configuration);
    *instance = made;
    return REFLUX_OK;
}

static int32_t get_traits(void *instance, reflux_call *call, reflux_optimizer_traits *out) {
    const grpo *settings = instance;
    (void)call;
    out->needs_reference = settings->kl_coefficient > 0;
    out->needs_entropy = settings->entropy_coefficient > 0;
    out->epochs = settings->epochs;
    return REFLUX_OK;
}

static int32_t compute_advantages(
    void *instance, reflux_call *call, const reflux_rollout_batch *batch,
    const reflux_advantages *out) {
    const grpo *settings = instance;
    group_statistics groups;
    for (uint64_t i = 0; i < batch->sequence_count; i += 1) {
        if (!isfinite(batch->rewards[i])) {
            return reflux_fail(
                host, call, "the reward of sequence %llu is %g; look for a rule or a reward model "
                "that yields numbers out of range", (unsigned long long)i, batch->rewards[i]);
        }
    }
    if (!measure(batch, &groups)) { return REFLUX_OUT_OF_MEMORY; }
    for (uint64_t i = 0; i < batch->sequence_count; i += 1) {
        statistics group = groups.by_sequence[i];
        double advantage =
            (batch->rewards[i] - group.mean) / (group.deviation + settings->deviation_floor);
        for (uint64_t t = batch->offsets[i]; t < batch->offsets[i + 1]; t += 1) {
            out->advantages[t] = (float)advantage;
        }
    }
    reflux_metric(host, call, "reward_mean", groups.all.mean);
    reflux_metric(host, call, "reward_deviation", groups.all.deviation);
    reflux_metric(
        host, call, "zero_variance_groups",
        (double)groups.constant_groups / (double)(groups.groups > 1 ? groups.groups : 1));
    free(groups.by_sequence);
    return REFLUX_OK;
}

/* Whether the loss and its derivatives are finite. */
static int is_finite(const reflux_loss *loss, uint64_t tokens) {
    int finite = isfinite(loss->value) != 0;
    for (uint64_t t = 0; t < tokens; t += 1) {
        finite &= isfinite(loss->by_logprob[t]) != 0;
        if (loss->by_entropy != NULL) { finite &= isfinite(loss->by_entropy[t]) != 0; }
    }
    return finite;
}

static int32_t compute_loss(
    void *instance, reflux_call *call, const reflux_loss_batch *batch, reflux_loss *out) {
    grpo_sums sums = grpo_loss(instance, batch, out);
    if (!is_finite(out, batch->token_count)) {
        return reflux_fail(
            host, call, "the policy's loss or its gradient is not finite (loss %g); lower the "
            "learning rate or the number of epochs", out->value);
    }
    double tokens = (double)(batch->total_tokens > 1 ? batch->total_tokens : 1);
    reflux_metric(host, call, "policy_loss", sums.policy);
    reflux_metric(host, call, "clip_fraction", sums.clipped / tokens);
    reflux_metric(host, call, "approx_kl", sums.moved / tokens);
    if (batch->reference_logprobs != NULL) {
        reflux_metric(host, call, "kl_reference", sums.strayed / tokens);
    }
    if (batch->entropies != NULL) {
        reflux_metric(host, call, "entropy", sums.entropy / tokens);
    }
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

static const reflux_extension extension = {
    .struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table),
    .concurrency = REFLUX_CONCURRENCY_SERIAL,
    .deterministic = 1,
    .stability = REFLUX_STABILITY_STABLE,
    .kind = REFLUX_LITERAL(REFLUX_KIND_POLICY_OPTIMIZER),
    .id = REFLUX_LITERAL("grpo-c"),
    .title = REFLUX_LITERAL("GRPO: advantages relative to the prompt's group"),
    .description = REFLUX_LITERAL("The twin of the built-in optimizer grpo, in C."),
    .config_schema = REFLUX_LITERAL(
        "{\"type\":\"object\",\"properties\":{"
        "\"clip_low\":{\"type\":\"number\",\"default\":0.2,\"minimum\":0,\"maximum\":1,"
        "\"description\":\"How far pi / pi_old may fall below 1.\"},"
        "\"clip_high\":{\"type\":\"number\",\"default\":0.2,\"minimum\":0,\"maximum\":100,"
        "\"description\":\"How far pi / pi_old may rise above 1.\"},"
        "\"dual_clip\":{\"type\":\"number\",\"default\":0,\"minimum\":0,"
        "\"description\":\"The dual clip, above 1; 0 is off.\"},"
        "\"deviation_floor\":{\"type\":\"number\",\"default\":0.1,\"minimum\":1e-9,"
        "\"maximum\":1000,\"description\":\"Added to the deviation of a group's rewards.\"},"
        "\"kl_coefficient\":{\"type\":\"number\",\"default\":0.005,\"minimum\":0,"
        "\"maximum\":1000,\"description\":\"The weight of the divergence from the reference.\"},"
        "\"entropy_coefficient\":{\"type\":\"number\",\"default\":0,\"minimum\":0,"
        "\"maximum\":1000,\"description\":\"The weight of the entropy bonus.\"},"
        "\"aggregation\":{\"type\":\"string\",\"default\":\"sequence\","
        "\"enum\":[\"sequence\",\"token\"],"
        "\"description\":\"Whether sequences or tokens count the same.\"},"
        "\"epochs\":{\"type\":\"integer\",\"default\":1,\"minimum\":1,\"maximum\":1000,"
        "\"description\":\"How often the batch of a step is gone through.\"}},"
        "\"additionalProperties\":false}"),
    .table = &table,
};

static const reflux_extension *const extensions[] = {&extension};

static const reflux_plugin plugin = {
    .magic = REFLUX_PLUGIN_MAGIC,
    .struct_size = REFLUX_STRUCT_SIZE(reflux_plugin, extension_count),
    .abi_minor = REFLUX_ABI_MINOR,
    .min_host_minor = 0,
    .id = REFLUX_LITERAL("grpo-c"),
    .name = REFLUX_LITERAL("GRPO in C"),
    .version = REFLUX_LITERAL("1.0.0"),
    .license = REFLUX_LITERAL("Apache-2.0"),
    .description = REFLUX_LITERAL("The built-in optimizer grpo as a plugin in C."),
    .language = REFLUX_LITERAL("C"),
    .toolchain = REFLUX_LITERAL(__VERSION__),
    .init = init,
    .extensions = extensions,
    .extension_count = 1,
};

const reflux_plugin *reflux_plugin_entry_v1(void) { return &plugin; }
