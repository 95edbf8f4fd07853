package import Foundation
import RefluxCore
import RefluxNetwork

/// A server's reply to one request, read from its bytes.
///
/// Only what is needed is read, and leniently: a field that is missing or of another kind counts as
/// absent. Both shapes of log-probabilities are known, the legacy `{tokens, token_logprobs}` and the
/// chat's `{content: [{logprob}]}`. Linear time; no input traps.
package struct ServerReply: Sendable, Equatable {
    /// One answer.
    package struct Choice: Sendable, Equatable {
        /// The text; empty where the model called a tool or said nothing.
        package var text: String
        /// Why generation ended, in the server's words.
        package var finish: String?
        /// The number of tokens with a log-probability; `nil` when there are none.
        package var tokenCount: Int?
        /// The mean log-probability of these tokens; `nil` when it is not known.
        package var meanLogProbability: Double?
    }

    /// The answers, at least one.
    package var choices: [Choice]
    /// The model that answered, in the server's words.
    package var model: String?
    /// The tokens of the prompt, as the server counts them.
    package var promptTokens: Int?
    /// The tokens of all answers, as the server counts them.
    package var completionTokens: Int?

    /// Reads a reply.
    ///
    /// - Throws: ``RefluxError`` of kind `input`: not JSON, no answers in it.
    package init(parsing bytes: Data) throws {
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: bytes)
        } catch {
            throw Self.unreadable("the reply is not the JSON of an answer", bytes)
        }
        guard let choices = document.choices else {
            throw Self.unreadable("the reply has no list \"choices\"", bytes)
        }
        guard !choices.isEmpty else { throw Self.unreadable("the reply has no answers", bytes) }
        self.choices = try choices.map { choice in
            guard let choice = choice.value?.choice else {
                throw Self.unreadable("an answer of the reply has no text", bytes)
            }
            return choice
        }
        model = document.model.flatMap { $0.isEmpty ? nil : $0 }
        promptTokens = document.usage?.prompt
        completionTokens = document.usage?.completion
    }

    private static func unreadable(_ found: String, _ bytes: Data) -> RefluxError {
        RefluxError(
            .input,
            found: "\(found) (it begins with \"\(ServerFailure.excerpt(bytes, limit: 120))\")",
            wanted: "a reply of the OpenAI protocol",
            remedy: "Check base_url: it usually ends in /v1.")
    }
}

/// A value that counts as absent where it is of another kind.
private struct Lenient<Value: Decodable>: Decodable {
    let value: Value?

    init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}

extension KeyedDecodingContainer {
    fileprivate func lenient<Value: Decodable>(_ type: Value.Type, _ key: Key) -> Value? {
        try? decodeIfPresent(type, forKey: key)
    }
}

private struct Document: Decodable {
    let choices: [Lenient<ChoiceDocument>]?
    let model: String?
    let usage: Usage?

    enum CodingKeys: CodingKey { case choices, model, usage }

    init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        choices = table.lenient([Lenient<ChoiceDocument>].self, .choices)
        model = table.lenient(String.self, .model)
        usage = table.lenient(Usage.self, .usage)
    }
}

private struct Usage: Decodable {
    let prompt: Int?
    let completion: Int?

    enum CodingKeys: String, CodingKey {
        case prompt = "prompt_tokens"
        case completion = "completion_tokens"
    }

    init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        let count = { (key: CodingKeys) in
            table.lenient(Int.self, key).flatMap { (0...1 << 40).contains($0) ? $0 : nil }
        }
        prompt = count(.prompt)
        completion = count(.completion)
    }
}

private struct ChoiceDocument: Decodable {
    let choice: ServerReply.Choice?

    enum CodingKeys: String, CodingKey {
        case message, text, logprobs
        case finish = "finish_reason"
    }

    init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        let message = table.lenient(MessageDocument.self, .message)
        guard let text = message?.text ?? table.lenient(String.self, .text) else {
            choice = nil
            return
        }
        let tokens = table.lenient(LogProbabilities.self, .logprobs)
        choice = ServerReply.Choice(
            text: text, finish: table.lenient(String.self, .finish), tokenCount: tokens?.count,
            meanLogProbability: tokens?.mean)
    }
}

/// The message of a chat's answer: a text, a list of parts, a refusal, or nothing but a call.
private struct MessageDocument: Decodable {
    let text: String

    private struct Part: Decodable { let text: String }
    enum CodingKeys: CodingKey { case content, refusal }

    init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        if let content = table.lenient(String.self, .content) {
            text = content
        } else if let parts = table.lenient([Lenient<Part>].self, .content) {
            text = parts.compactMap(\.value?.text).joined()
        } else {
            text = table.lenient(String.self, .refusal) ?? ""
        }
    }
}

/// The log-probabilities of an answer's tokens, in either shape.
private struct LogProbabilities: Decodable {
    let count: Int?
    let mean: Double?

    private struct Token: Decodable { let logprob: Double? }
    enum CodingKeys: String, CodingKey {
        case content
        case legacy = "token_logprobs"
    }

    init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        let values: [Double?]
        if let legacy = table.lenient([Lenient<Double>].self, .legacy) {
            values = legacy.map(\.value)
        } else if let content = table.lenient([Lenient<Token>].self, .content) {
            values = content.map { $0.value?.logprob }
        } else {
            values = []
        }
        let known = values.compactMap(\.self)
        // Rounding may lift a certain token a little above 0; anything else is no log-probability.
        let isSound = known.allSatisfy { $0.isFinite && $0 <= 1e-3 }
        count = values.isEmpty ? nil : values.count
        mean =
            known.isEmpty || !isSound
            ? nil : min(0, known.reduce(0) { $0 + $1 / Double(known.count) })
    }
}
