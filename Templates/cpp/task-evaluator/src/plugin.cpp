// {{title}}: questions with one right answer each, from JSON Lines files.
//
// Copyright {{year}} {{author}}.
#include <fstream>
#include <iterator>

#include "guard.hpp"
#include "reflux/reflux.h"

namespace {

/// Questions with one right answer each, from JSON Lines files. Never written to after it is made,
/// so that any thread may use it.
class {{Module}} {
public:
    explicit {{Module}}(plugin::Settings &settings)
        : train_file_(settings.text("train_file")), test_file_(settings.text("test_file")) {}

    void list_metrics(reflux_call *call, const reflux_metric_list *out) const {
        out->add(call, plugin::text("exact"));
    }

    void load_examples(
        reflux_call *call, std::int32_t split, const reflux_example_list *out) const {
        if (split == REFLUX_SPLIT_TRAIN) { return load(call, train_file_, "train", *out); }
        if (split == REFLUX_SPLIT_TEST) { return load(call, test_file_, "test", *out); }
        reflux_fail(plugin::host, call, "there are the splits train and test only");
        throw plugin::Stop{REFLUX_UNSUPPORTED};
    }

    void write_prompt(
        reflux_call *call, const reflux_example *example, const reflux_prompt_draft *out) const {
        std::string text(plugin::view(example->question));
        text += "\nEnd with a line that says \"Answer: \" and the answer.";
        out->add_message(call, REFLUX_SPEAKER_USER, plugin::text(text));
    }

    void read_answers(
        reflux_call *call, const reflux_string *responses, std::uint64_t count,
        const reflux_answer_list *out) const {
        for (std::uint64_t index = 0; index < count; index += 1) {
            const std::string_view answer = read(plugin::view(responses[index]));
            if (!answer.empty()) { out->set_answer(call, index, plugin::text(answer)); }
        }
    }

    void grade(
        reflux_call *, const reflux_string *responses, const reflux_example *const *examples,
        std::uint64_t count, const reflux_grades *out) const {
        for (std::uint64_t index = 0; index < count; index += 1) {
            const std::string_view answer = read(plugin::view(responses[index]));
            const bool right = answer == plugin::view(examples[index]->gold);
            out->parsed[index] = answer.empty() ? 0 : 1;
            out->correct[index * out->metric_count] = !answer.empty() && right ? 1 : 0;
        }
    }

private:
    /// What stands behind the last "Answer:", up to the end of its line, without spaces around it;
    /// empty when there is nothing. Linear in the text.
    static std::string_view read(std::string_view response) {
        constexpr std::string_view mark = "Answer:";
        const std::size_t found = response.rfind(mark);
        if (found == std::string_view::npos) { return {}; }
        std::string_view answer = response.substr(found + mark.size());
        answer = answer.substr(0, answer.find('\n'));
        const auto first = answer.find_first_not_of(" \t\r");
        if (first == std::string_view::npos) { return {}; }
        return answer.substr(first, answer.find_last_not_of(" \t\r") + 1 - first);
    }

    /// A text of a line, or an error.
    static std::string field(reflux_string line, const char *key) {
        reflux_json value;
        if (reflux_json_find(line, key, &value) == 0 || value.type != REFLUX_JSON_TEXT) {
            throw std::runtime_error(std::string("there is no text \"") + key + "\"");
        }
        std::string text(value.text.length + 1, '\0');
        text.resize(reflux_json_text(value, text.data(), text.size()));
        return text;
    }

    /// Adds the example of a line, {"question": "...", "answer": "..."}.
    static void add_line(
        reflux_call *call, std::string_view text, const std::string &id,
        const reflux_example_list &out) {
        const reflux_string line = plugin::text(text);
        if (const char *fault = reflux_json_check(line)) { throw std::runtime_error(fault); }
        const std::string question = field(line, "question");
        const std::string answer = field(line, "answer");
        reflux_example example{};
        example.struct_size = REFLUX_STRUCT_SIZE(reflux_example, option_count);
        example.id = plugin::text(id);
        example.question = plugin::text(question);
        example.gold = plugin::text(answer);
        out.add(call, &example);
    }

    /// Reads a file. An error names file and line.
    static void load(
        reflux_call *call, const std::string &path, const std::string &split,
        const reflux_example_list &out) {
        std::ifstream file(path, std::ios::binary);
        if (!file) { throw std::runtime_error(path + ":0: the file cannot be opened"); }
        std::string line;
        for (std::uint64_t number = 1; std::getline(file, line); number += 1) {
            try {
                add_line(call, line, split + "/" + std::to_string(number - 1), out);
            } catch (const std::runtime_error &error) {
                throw std::runtime_error(
                    path + ":" + std::to_string(number) + ": " + error.what()
                    + R"(; wanted {"question": "...", "answer": "..."})");
            }
        }
        if (file.bad()) { throw std::runtime_error(path + ":0: the file cannot be read on"); }
    }

    std::string train_file_;
    std::string test_file_;
};

constexpr reflux_task_table make_table() {
    reflux_task_table table{};
    table.struct_size = REFLUX_STRUCT_SIZE(reflux_task_table, grade);
    table.create = plugin::create<{{Module}}>;
    table.destroy = plugin::destroy<{{Module}}>;
    table.list_metrics = plugin::Bridge<&{{Module}}::list_metrics>::call;
    table.load_examples = plugin::Bridge<&{{Module}}::load_examples>::call;
    table.write_prompt = plugin::Bridge<&{{Module}}::write_prompt>::call;
    table.read_answers = plugin::Bridge<&{{Module}}::read_answers>::call;
    table.grade = plugin::Bridge<&{{Module}}::grade>::call;
    return table;
}

/// The settings, as the host checks them and fills in their defaults. Every one needs a
/// description, and a default unless it is required.
constexpr std::string_view schema = R"({
  "type": "object",
  "properties": {
    "train_file": {"type": "string", "format": "path",
      "description": "The training questions: JSON Lines with question and answer."},
    "test_file": {"type": "string", "format": "path",
      "description": "The test questions: JSON Lines with question and answer."}
  },
  "required": ["train_file", "test_file"],
  "additionalProperties": false
})";

constexpr auto table = make_table();

constexpr reflux_extension make_extension() {
    reflux_extension extension{};
    extension.struct_size = REFLUX_STRUCT_SIZE(reflux_extension, table);
    extension.concurrency = REFLUX_CONCURRENCY_PARALLEL;
    extension.deterministic = 1;
    extension.stability = REFLUX_STABILITY_EXPERIMENTAL;
    extension.kind = plugin::text(REFLUX_KIND_TASK_EVALUATOR);
    extension.id = plugin::text("{{id}}");
    extension.title = plugin::text("{{title}}");
    extension.description = plugin::text(
        "Questions with one right answer each, marked by exact match.");
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
    made.description = plugin::text("Questions with one right answer each, marked by exact match.");
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
