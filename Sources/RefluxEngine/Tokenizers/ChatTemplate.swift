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
        /// As Llama 3, with dates in a system message that is always there: Llama 3.1 to 3.3.
        case llama31 = "Llama 3.1"
        /// ChatML without the reasoning of earlier answers: Qwen3. The model reasons, as it does
        /// when the template is asked for nothing else.
        case qwen3 = "Qwen3"
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
    /// What stands before the system message, in it: Llama 3.1's dates.
    var systemOpening: String?

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
        let special = try special(template, begin: begin, path: path)
        if let special { return special }
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
        case .zephyr?, .llama31?, .qwen3?, nil:
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
        if let systemOpening {
            let system = messages.first?.role == .system ? messages.first?.content : nil
            append(ChatMessage(.system, system ?? ""), after: systemOpening, to: &result)
        }
        for (index, message) in messages.enumerated() {
            if index == 0, systemOpening != nil, message.role == .system { continue }
            var message = message
            if family == .qwen3, message.role == .assistant {
                message.content = Self.withoutReasoning(message.content)
            }
            append(message, to: &result)
        }
        result.text += answerOpening
        return result
    }

    private func append(
        _ message: ChatMessage, after start: String = "", to result: inout Rendered
    ) {
        result.text += opening(message.role.rawValue) + start
        var content = message.content
        if trims { content = content.trimmingCharacters(in: .whitespacesAndNewlines) }
        let start = result.text.utf8.count
        result.text += content
        result.contents.append(start..<start + content.utf8.count)
        result.text += [.llama3, .llama31].contains(family) ? turnEnd : turnEnd + "\n"
    }

    private func opening(_ role: String) -> String {
        switch family {
        case .chatML, .qwen3: "<|im_start|>\(role)\n"
        case .zephyr: "<|\(role)|>\n"
        case .llama3, .llama31: "<|start_header_id|>\(role)<|end_header_id|>\n\n"
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
    /// Whether a template has all marks of the family.
    func matches(_ template: String) -> Bool { markers.allSatisfy(template.contains) }

    private var markers: [String] {
        switch self {
        case .chatML: ["<|im_start|>", "<|im_end|>", "add_generation_prompt"]
        case .zephyr: ["<|user|>", "<|assistant|>", "eos_token"]
        case .llama3: ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
        case .llama31:
            Self.llama3.markers + ["Cutting Knowledge Date: ", "Today Date: ", "date_string"]
        case .qwen3:
            Self.chatML.markers + [
                "enable_thinking is defined and enable_thinking is false",
                "split('</think>')", "last_query_index",
            ]
        }
    }
}
