import Foundation
import RefluxCore

/// Templates that compute more than turns, as far as what they compute is plain.
extension ChatTemplate {
    /// Recognises Llama 3.1 and Qwen3; `nil` when the template is neither.
    static func special(_ template: String, begin: String?, path: String) throws -> ChatTemplate? {
        if Family.llama31.matches(template) {
            return ChatTemplate(
                family: .llama31, defaultSystem: nil, trims: true,
                beginning: template.contains("bos_token") ? begin ?? "" : "",
                turnEnd: "<|eot_id|>", systemOpening: try dates(template, path: path))
        }
        // After the last turn nothing may be opened but an empty reasoning on request.
        let end = template.components(separatedBy: "add_generation_prompt").last ?? ""
        if Family.qwen3.matches(template), !end.contains("else") {
            return ChatTemplate(
                family: .qwen3, defaultSystem: nil, trims: false, beginning: "",
                turnEnd: "<|im_end|>")
        }
        return nil
    }

    /// An answer without its reasoning, as Qwen3's template shows earlier answers.
    static func withoutReasoning(_ answer: String) -> String {
        let parts = answer.components(separatedBy: "</think>")
        guard parts.count > 1, let last = parts.last else { return answer }
        return String(last.drop { $0 == "\n" })
    }

    /// Llama 3.1's dates. Today is the date that the template falls back to where it cannot ask for
    /// one: what a model is asked must not change from day to day.
    private static func dates(_ template: String, path: String) throws -> String {
        guard let knowledge = literal(after: "Cutting Knowledge Date: ", in: template),
            let today = literal(after: "set date_string = \"", in: template)
        else {
            throw RefluxError(
                .input, found: "a template with dates of another form",
                at: SourceLocation(path: path, key: "chat_template"),
                wanted: "Llama 3.1's: a knowledge date and a date_string that is set to a text",
                remedy: "Ask with plain text prompts, or choose another model.")
        }
        return "Cutting Knowledge Date: \(knowledge)\nToday Date: \(today)\n\n"
    }

    /// The text behind a mark, up to the end of its literal or line.
    private static func literal(after mark: String, in template: String) -> String? {
        guard let start = template.range(of: mark)?.upperBound else { return nil }
        let text = template[start...].prefix { !"\"'\\\n{}".contains($0) }
        return text.isEmpty || text.count > 40 ? nil : String(text)
    }
}
