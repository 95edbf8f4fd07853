// reinforce-plus-plus: the plugin's table.
#include <iterator>

#include "reinforce.hpp"

namespace {

constexpr std::string_view schema = R"({
  "type": "object",
  "properties": {
    "clip_low": {"type": "number", "default": 0.2, "minimum": 0, "maximum": 1,
      "description": "How far the ratio of the policies may fall below 1."},
    "clip_high": {"type": "number", "default": 0.2, "minimum": 0, "maximum": 100,
      "description": "How far the ratio of the policies may rise above 1."},
    "discount": {"type": "number", "default": 1, "minimum": 0, "maximum": 1,
      "description": "gamma: what a reward one token ahead is worth."},
    "kl_coefficient": {"type": "number", "default": 0.01, "minimum": 0, "maximum": 1000,
      "description": "beta: the price of the divergence from the reference; 0 needs no reference."},
    "kl": {"type": "string", "default": "in_reward", "enum": ["in_reward", "in_loss"],
      "description": "Where the divergence is charged: k1 in every token's reward, or k2 in the loss."},
    "group_baseline": {"type": "boolean", "default": false,
      "description": "Subtract the mean reward of the prompt's group (REINFORCE++-baseline)."},
    "deviation_floor": {"type": "number", "default": 1e-8, "minimum": 1e-12, "maximum": 1000,
      "description": "Added to the deviation that advantages are divided by."},
    "aggregation": {"type": "string", "default": "token", "enum": ["token", "sequence"],
      "description": "The loss is the mean over tokens, or over sequences of their token means."},
    "epochs": {"type": "integer", "default": 1, "minimum": 1, "maximum": 1000,
      "description": "How often the rollouts of a step are gone through."}
  },
  "additionalProperties": false
})";

constexpr reflux_optimizer_table make_table() {
    reflux_optimizer_table table{};
    table.struct_size = REFLUX_STRUCT_SIZE(reflux_optimizer_table, compute_loss);
    table.create = plugin::create<Reinforce>;
    table.destroy = plugin::destroy<Reinforce>;
    table.get_traits = plugin::Bridge<&Reinforce::get_traits>::call;
    table.compute_advantages = plugin::Bridge<&Reinforce::compute_advantages>::call;
    table.compute_loss = plugin::Bridge<&Reinforce::compute_loss>::call;
    return table;
}
constexpr reflux_optimizer_table table = make_table();

constexpr reflux_extension make_extension() {
    reflux_extension extension{};
    extension.struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table);
    extension.concurrency = REFLUX_CONCURRENCY_PARALLEL;
    extension.deterministic = 1;
    extension.stability = REFLUX_STABILITY_STABLE;
    extension.kind = plugin::text(REFLUX_KIND_POLICY_OPTIMIZER);
    extension.id = plugin::text("reinforce-plus-plus");
    extension.title = plugin::text("REINFORCE++ (arXiv 2501.03262)");
    extension.description = plugin::text(
        "REINFORCE with PPO's clip, a divergence penalty in every token's reward, and advantages that"
        " are normalised over the whole step; no value head.");
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
    made.id = plugin::text("reinforce-plus-plus");
    made.name = plugin::text("REINFORCE++");
    made.version = plugin::text("1.0.0");
    made.license = plugin::text("Apache-2.0");
    made.description = plugin::text("A policy optimizer without a value head.");
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
