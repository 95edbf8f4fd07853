// {{title}}: REINFORCE with the mean reward of the group as the baseline.
//
// Copyright {{year}} {{author}}.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>

#include "guard.hpp"
#include "reflux/reflux.h"

namespace {

/// REINFORCE (Williams, 1992) with the group's mean reward as the baseline. Keeps its settings
/// only, so that equal batches give equal results.
class {{Module}} {
public:
    explicit {{Module}}(plugin::Settings &settings)
        : has_baseline_(settings.boolean("baseline")), epochs_(settings.integer("epochs")) {}

    void get_traits(reflux_call *, reflux_optimizer_traits *out) const {
        out->epochs = static_cast<std::uint32_t>(epochs_);
    }

    /// Every token has the advantage R - mean of its sequence.
    void compute_advantages(
        reflux_call *, const reflux_rollout_batch *batch, const reflux_advantages *out) const {
        struct Sum {
            double total = 0;
            double count = 0;
        };
        std::map<std::uint64_t, Sum> groups;
        for (std::uint64_t sequence = 0; sequence < batch->sequence_count; sequence += 1) {
            const double reward = batch->rewards[sequence];
            if (!std::isfinite(reward)) {
                throw std::domain_error(
                    "the reward of sequence " + std::to_string(sequence) + " is "
                    + (std::isnan(reward) ? "nan" : "infinite"));
            }
            Sum &sum = groups[batch->groups[sequence]];
            sum.total += reward;
            sum.count += 1;
        }
        for (std::uint64_t sequence = 0; sequence < batch->sequence_count; sequence += 1) {
            const Sum &sum = groups[batch->groups[sequence]];
            const double baseline = has_baseline_ ? sum.total / sum.count : 0;
            std::fill(
                out->advantages + batch->offsets[sequence],
                out->advantages + batch->offsets[sequence + 1],
                static_cast<float>(batch->rewards[sequence] - baseline));
        }
    }

    /// The mean over tokens of -A log pi, divided by the tokens of the whole update, so that
    /// micro-batches add up.
    void compute_loss(
        reflux_call *call, const reflux_loss_batch *batch, reflux_loss *out) const {
        const double tokens = std::max<double>(1, static_cast<double>(batch->total_tokens));
        out->value = 0;
        for (std::uint64_t token = 0; token < batch->token_count; token += 1) {
            const double advantage = static_cast<double>(batch->advantages[token]);
            out->value -= advantage * static_cast<double>(batch->logprobs[token]) / tokens;
            out->by_logprob[token] = static_cast<float>(-advantage / tokens);
        }
        if (!std::isfinite(out->value)) { throw std::domain_error("the loss is not finite"); }
        reflux_metric(plugin::host, call, "policy_loss", out->value);
    }

private:
    bool has_baseline_;
    std::int64_t epochs_;
};

constexpr reflux_optimizer_table make_table() {
    reflux_optimizer_table table{};
    table.struct_size = REFLUX_STRUCT_SIZE(reflux_optimizer_table, compute_loss);
    table.create = plugin::create<{{Module}}>;
    table.destroy = plugin::destroy<{{Module}}>;
    table.get_traits = plugin::Bridge<&{{Module}}::get_traits>::call;
    table.compute_advantages = plugin::Bridge<&{{Module}}::compute_advantages>::call;
    table.compute_loss = plugin::Bridge<&{{Module}}::compute_loss>::call;
    return table;
}

/// The settings, as the host checks them and fills in their defaults. Every one needs a
/// description, and a default unless it is required.
constexpr std::string_view schema = R"({
  "type": "object",
  "properties": {
    "baseline": {"type": "boolean", "default": true,
      "description": "Subtract the mean reward of the prompt's group."},
    "epochs": {"type": "integer", "default": 1, "minimum": 1, "maximum": 100,
      "description": "How often the rollouts of a step are gone through."}
  },
  "additionalProperties": false
})";

constexpr auto table = make_table();

constexpr reflux_extension make_extension() {
    reflux_extension extension{};
    extension.struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table);
    extension.concurrency = REFLUX_CONCURRENCY_PARALLEL;
    extension.deterministic = 1;
    extension.stability = REFLUX_STABILITY_EXPERIMENTAL;
    extension.kind = plugin::text(REFLUX_KIND_POLICY_OPTIMIZER);
    extension.id = plugin::text("{{id}}");
    extension.title = plugin::text("{{title}}");
    extension.description = plugin::text(
        "REINFORCE with the mean reward of the group as the baseline.");
    extension.config_schema = plugin::text(schema);
    extension.table = &table;
    return extension;
}
constexpr reflux_extension extension = make_extension();
constexpr const reflux_extension *extensions[] = {&extension};

constexpr reflux_plugin make_plugin() {
    reflux_plugin made{};
    made.magic = REFLUX_PLUGIN_MAGIC;
    made.struct_size = REFLUX_STRUCT_SIZE(reflux_plugin, extension_count);
    made.abi_minor = REFLUX_ABI_MINOR;
    made.id = plugin::text("{{id}}");
    made.name = plugin::text("{{title}}");
    made.version = plugin::text("0.1.0");
    made.license = plugin::text("Apache-2.0");
    made.description = plugin::text("REINFORCE with the mean reward of the group as the baseline.");
    made.language = plugin::text("C++");
    made.toolchain = plugin::text("C++17");
    made.init = plugin::init;
    made.extensions = extensions;
    made.extension_count = std::size(extensions);
    return made;
}
constexpr reflux_plugin the_plugin = make_plugin();

}  // namespace

extern "C" const reflux_plugin *reflux_plugin_entry_v1() { return &the_plugin; }
