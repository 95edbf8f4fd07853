import Foundation
import RefluxCore

/// How a conversation is written for a model, recognised from its Jinja template.
///
/// A template is a program; instead of running it, the families that models share are told apart by
/// their markers, and a template that shows anything unknown is refused.
struct ChatTemplate: Sendable, Equatable {
    /// The ways of writing that are known.
    enum Family: String, Sendable, CaseIterable {
        /// `<|im_start|>role\n…<|im_end|>\n`: SmolLM2, Qwen2, Qwen2.5.
        case chatML = "ChatML"
        /// `<|role|>\n…</s>\n`: Zephyr, TinyLlama.
        case zephyr = "Zephyr"
        /// `<|start_header_id|>role<|end_header_id|>\n\n…<|eot_id|>`: Llama 3.
        case llama3 = "Llama 3"
    }

    let family: Family
    /// The system message when a conversation has none.
    let defaultSystem: String?
    /// Whether contents are trimmed.
    let trims: Bool
    /// What is written before everything: a beginning-of-text token.
    let beginning: String
    /// What ends a turn.
    let turnEnd: String

    /// A conversation as text, and which parts of it are messages, in which special tokens must not
    /// be recognised.
    struct Rendered: Equatable {
        var text: String
        /// Ranges of the text's UTF-8.
        var contents: [Range<Int>]
    }

    /// Recognises a template.
    ///
    /// - Parameters:
    ///   - template: the Jinja text.
    ///   - begin: the tokenizer's beginning-of-text token, if it has one.
    ///   - end: its end-of-text token, if it has one.
    ///   - path: the file, for errors.
    /// - Returns: how the template writes conversations.
    /// - Throws: `RefluxError` of kind `input` when the template is of no known family.
    static func recognise(
        _ template: String, begin: String?, end: String?, path: String
    ) throws -> ChatTemplate {
        // Programs inside programs: reasoning switches, dates, tools that are always on.
        let foreign = ["<think>", "enable_thinking", "strftime", "Cutting Knowledge", "raise_exc"]
            .first(where: template.contains)
        let trims = ["| trim", "|trim", ".strip()"].contains(where: template.contains)
        let family = foreign == nil ? Family.allCases.first { $0.matches(template) } : nil
        switch family {
        case .chatML?:
            return ChatTemplate(
                family: .chatML, defaultSystem: defaultSystem(template), trims: trims,
                beginning: template.contains("bos_token") ? begin ?? "" : "", turnEnd: "<|im_end|>")
        case .zephyr? where end != nil:
            return ChatTemplate(
                family: .zephyr, defaultSystem: nil, trims: trims,
                beginning: template.contains("bos_token") ? begin ?? "" : "", turnEnd: end ?? "")
        case .llama3?:
            return ChatTemplate(
                family: .llama3, defaultSystem: nil, trims: trims,
                beginning: template.contains("bos_token") ? begin ?? "" : "", turnEnd: "<|eot_id|>")
        default:
            let reason = foreign.map { " (it contains \"\($0)\")" } ?? ""
            let known = Family.allCases.map(\.rawValue).joined(separator: ", ")
            throw RefluxError(
                .input, found: "a chat template of no known family\(reason)",
                at: SourceLocation(path: path, key: "chat_template"), wanted: known,
                remedy: "Ask with plain text prompts, or choose another model.")
        }
    }

    /// Writes a conversation and the beginning of the model's answer.
    func render(_ messages: [ChatMessage]) -> Rendered {
        var result = Rendered(text: beginning, contents: [])
        if let defaultSystem, messages.first?.role != .system {
            append(ChatMessage(.system, defaultSystem), to: &result)
        }
        for message in messages { append(message, to: &result) }
        result.text += answerOpening
        return result
    }

    private func append(_ message: ChatMessage, to result: inout Rendered) {
        result.text += opening(message.role.rawValue)
        var content = message.content
        if trims { content = content.trimmingCharacters(in: .whitespacesAndNewlines) }
        let start = result.text.utf8.count
        result.text += content
        result.contents.append(start..<start + content.utf8.count)
        result.text += family == .llama3 ? turnEnd : turnEnd + "\n"
    }

    private func opening(_ role: String) -> String {
        switch family {
        case .chatML: "<|im_start|>\(role)\n"
        case .zephyr: "<|\(role)|>\n"
        case .llama3: "<|start_header_id|>\(role)<|end_header_id|>\n\n"
        }
    }

    /// Zephyr's template leaves the line break behind the last marker to the template's own text.
    private var answerOpening: String { opening("assistant") }

    /// The literal system message of a ChatML template: `<|im_start|>system\n` and then text up to
    /// `<|im_end|>` without leaving the string literal.
    private static func defaultSystem(_ template: String) -> String? {
        var rest = template[...]
        while let start = rest.range(of: "<|im_start|>system") {
            rest = rest[start.upperBound...]
            guard let end = rest.range(of: "<|im_end|>") else { return nil }
            let literal = rest[..<end.lowerBound].replacingOccurrences(of: "\\n", with: "\n")
            guard literal.hasPrefix("\n"), !literal.contains(where: { "'\"{}".contains($0) })
            else { continue }
            return String(literal.dropFirst())
        }
        return nil
    }
}

extension ChatTemplate.Family {
    fileprivate func matches(_ template: String) -> Bool {
        let markers =
            switch self {
            case .chatML: ["<|im_start|>", "<|im_end|>", "add_generation_prompt"]
            case .zephyr: ["<|user|>", "<|assistant|>", "eos_token"]
            case .llama3: ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
            }
        return markers.allSatisfy(template.contains)
    }
}
