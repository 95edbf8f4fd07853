// {{title}}: a reward model that learns nothing: phrases and length.
//
// Copyright {{year}} {{author}}.
#include <cmath>
#include <iterator>
#include <vector>

#include "guard.hpp"
#include "reflux/reflux.h"

namespace {

/// One point for every phrase that a response holds, less its relative distance from the wanted
/// length.
class {{Module}} {
public:
    explicit {{Module}}(plugin::Settings &settings)
        : length_target_(settings.number("length_target")) {
        settings.texts("phrases", [&](std::string phrase) {
            if (!phrase.empty()) { phrases_.push_back(std::move(phrase)); }
        });
    }

    void score(
        reflux_call *call, const reflux_scoring_item *const *items, std::uint64_t count,
        double *scores) const {
        for (std::uint64_t index = 0; index < count; index += 1) {
            plugin::stop_if_cancelled(call);
            scores[index] = score_text(plugin::view(items[index]->text));
        }
    }

private:
    double score_text(std::string_view text) const {
        const double length = static_cast<double>(text.size());
        double score = -std::fabs(length - length_target_) / length_target_;
        for (const std::string &phrase : phrases_) {
            score += text.find(phrase) == std::string_view::npos ? 0 : 1;
        }
        return score;
    }

    std::vector<std::string> phrases_;
    double length_target_;
};

/// It only scores: fit, save and load stay null.
constexpr reflux_reward_model_table make_table() {
    reflux_reward_model_table table{};
    table.struct_size = REFLUX_STRUCT_SIZE(reflux_reward_model_table, load);
    table.create = plugin::create<{{Module}}>;
    table.destroy = plugin::destroy<{{Module}}>;
    table.score = plugin::Bridge<&{{Module}}::score>::call;
    return table;
}

/// The settings, as the host checks them and fills in their defaults. Every one needs a
/// description, and a default unless it is required.
constexpr std::string_view schema = R"({
  "type": "object",
  "properties": {
    "phrases": {"type": "array", "items": {"type": "string"}, "default": ["therefore", "Answer:"],
      "description": "Phrases that are worth a point each."},
    "length_target": {"type": "number", "default": 200, "minimum": 1, "maximum": 1000000,
      "description": "The length that costs nothing, in bytes."}
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
    extension.kind = plugin::text(REFLUX_KIND_REWARD_MODEL);
    extension.id = plugin::text("{{id}}");
    extension.title = plugin::text("{{title}}");
    extension.description = plugin::text("Scores responses by phrases and length.");
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
    made.description = plugin::text("Scores responses by phrases and length.");
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
