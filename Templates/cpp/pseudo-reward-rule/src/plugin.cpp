// {{title}}: a rule by which agreement with the teachers pays.
//
// Copyright {{year}} {{author}}.
#include <algorithm>
#include <iterator>
#include <map>

#include "guard.hpp"
#include "reflux/reflux.h"

namespace {

/// The teachers' most frequent answer is the label; a response earns 1 when its answer is the label
/// and 0 when not. Never written to after it is made, so that any thread may judge.
class {{Module}} {
public:
    explicit {{Module}}(plugin::Settings &settings) : min_share_(settings.number("min_share")) {}

    void judge(
        reflux_call *call, const reflux_group *group, const reflux_judgement *out) const {
        std::map<std::string_view, std::uint64_t> votes;
        std::uint64_t teachers = 0;
        for (std::uint64_t index = 0; index < group->response_count; index += 1) {
            const reflux_response &response = *group->responses[index];
            if (response.role != REFLUX_ROLE_TEACHER) { continue; }
            teachers += 1;
            if (response.answer.data != nullptr) { votes[plugin::view(response.answer)] += 1; }
        }
        if (votes.empty()) { return abstain(call, *group, *out, "no teacher answer"); }
        const auto fewer = [](const auto &a, const auto &b) { return a.second < b.second; };
        const auto best = *std::max_element(votes.begin(), votes.end(), fewer);
        const auto leaders = std::count_if(votes.begin(), votes.end(), [&](const auto &vote) {
            return vote.second == best.second;
        });
        const double share = static_cast<double>(best.second) / static_cast<double>(teachers);
        reflux_metric(plugin::host, call, "share", share);
        if (leaders > 1) { return abstain(call, *group, *out, "tie"); }
        if (share < min_share_) { return abstain(call, *group, *out, "share too small"); }

        out->set_label(call, plugin::text(best.first));
        for (std::uint64_t index = 0; index < group->response_count; index += 1) {
            const reflux_string answer = group->responses[index]->answer;
            const bool agrees = answer.data != nullptr && plugin::view(answer) == best.first;
            out->rewards[index] = agrees ? 1 : 0;
        }
    }

private:
    /// Leaves the whole group without rewards.
    static void abstain(
        reflux_call *call, const reflux_group &group, const reflux_judgement &out,
        std::string_view reason) {
        out.set_abstention(call, plugin::text(reason));
        for (std::uint64_t index = 0; index < group.response_count; index += 1) {
            out.abstain(call, index, plugin::text(reason));
        }
    }

    double min_share_;
};

constexpr reflux_rule_table make_table() {
    reflux_rule_table table{};
    table.struct_size = REFLUX_STRUCT_SIZE(reflux_rule_table, judge);
    table.create = plugin::create<{{Module}}>;
    table.destroy = plugin::destroy<{{Module}}>;
    table.judge = plugin::Bridge<&{{Module}}::judge>::call;
    return table;
}

/// The settings, as the host checks them and fills in their defaults. Every one needs a
/// description, and a default unless it is required.
constexpr std::string_view schema = R"({
  "type": "object",
  "properties": {
    "min_share": {"type": "number", "default": 0.5, "minimum": 0, "maximum": 1,
      "description": "The smallest share of the teacher responses that makes a label."}
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
    extension.kind = plugin::text(REFLUX_KIND_PSEUDO_REWARD_RULE);
    extension.id = plugin::text("{{id}}");
    extension.title = plugin::text("{{title}}");
    extension.description = plugin::text("Rewards agreement with the majority of the teachers.");
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
    made.description = plugin::text("Rewards agreement with the majority of the teachers.");
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
