// {{title}}: a teacher that answers from a table.
//
// Copyright {{year}} {{author}}.
#include <cmath>
#include <fstream>
#include <iterator>
#include <vector>

#include "guard.hpp"
#include "reflux/reflux.h"

namespace {

/// Answers from a table: lines of a question, a tab and an answer. The table is read by respond,
/// which is called once or twice in a run.
class {{Module}} {
public:
    explicit {{Module}}(plugin::Settings &settings) : answers_(settings.text("answers")) {}

    void respond(
        reflux_call *call, const reflux_prompt *const *prompts, std::uint64_t count,
        const reflux_sampling_plan *plan, const reflux_response_list *out) const {
        const std::vector<Line> table = read();
        const std::uint64_t limit = plan->samples_per_temperature * plan->temperature_count;
        for (std::uint64_t index = 0; index < count; index += 1) {
            plugin::stop_if_cancelled(call);
            const std::string_view prompt = plugin::view(prompts[index]->text);
            std::uint64_t given = 0;
            for (const Line &line : table) {
                if (given == limit) { break; }
                if (prompt.find(line.question) == std::string_view::npos) { continue; }
                add(call, index, given, line.answer, *out);
                given += 1;
            }
            reflux_progress(plugin::host, call, index + 1, count, "prompts");
        }
    }

private:
    struct Line {
        std::string question;
        std::string answer;
    };

    /// Reads the table. An error names file and line.
    std::vector<Line> read() const {
        std::ifstream file(answers_, std::ios::binary);
        if (!file) { throw std::runtime_error(answers_ + ":0: the file cannot be opened"); }
        std::vector<Line> table;
        std::string line;
        for (std::uint64_t number = 1; std::getline(file, line); number += 1) {
            if (line.empty()) { continue; }
            const std::size_t tab = line.find('\t');
            if (tab == std::string::npos || tab == 0) {
                throw std::runtime_error(
                    answers_ + ":" + std::to_string(number)
                    + ": there is no question with a tab behind it");
            }
            table.push_back({line.substr(0, tab), line.substr(tab + 1)});
        }
        return table;
    }

    static void add(
        reflux_call *call, std::uint64_t prompt, std::uint64_t sample, std::string_view text,
        const reflux_response_list &out) {
        reflux_response response{};
        response.struct_size = REFLUX_STRUCT_SIZE(reflux_response, mean_logprob);
        response.text = plugin::text(text);
        response.model = plugin::text("table");
        response.sample = static_cast<std::int64_t>(sample);
        response.finish = REFLUX_FINISH_STOP;
        response.temperature = std::nan("");
        response.token_count = -1;
        response.mean_logprob = std::nan("");
        out.add(call, prompt, &response);
    }

    std::string answers_;
};

constexpr reflux_teacher_table make_table() {
    reflux_teacher_table table{};
    table.struct_size = REFLUX_STRUCT_SIZE(reflux_teacher_table, respond);
    table.create = plugin::create<{{Module}}>;
    table.destroy = plugin::destroy<{{Module}}>;
    table.respond = plugin::Bridge<&{{Module}}::respond>::call;
    return table;
}

/// The settings, as the host checks them and fills in their defaults. Every one needs a
/// description, and a default unless it is required.
constexpr std::string_view schema = R"({
  "type": "object",
  "properties": {
    "answers": {"type": "string", "format": "path",
      "description": "The table: lines of a question, a tab and an answer."}
  },
  "required": ["answers"],
  "additionalProperties": false
})";

constexpr auto table = make_table();

constexpr reflux_extension make_extension() {
    reflux_extension extension{};
    extension.struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table);
    extension.concurrency = REFLUX_CONCURRENCY_SERIAL;
    extension.deterministic = 1;
    extension.stability = REFLUX_STABILITY_EXPERIMENTAL;
    extension.kind = plugin::text(REFLUX_KIND_TEACHER_SOURCE);
    extension.id = plugin::text("{{id}}");
    extension.title = plugin::text("{{title}}");
    extension.description = plugin::text("Answers from a table of questions and answers.");
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
    made.description = plugin::text("Answers from a table of questions and answers.");
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
