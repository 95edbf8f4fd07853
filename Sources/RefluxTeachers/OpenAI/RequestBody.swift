import Foundation
import RefluxCore
import RefluxFiles

/// What is sent to the server for some samples of one prompt at one temperature.
struct RequestBody: Sendable {
    /// Everything but the seed and the number of samples.
    private let common: [String: BodyValue]
    private let sendsSeed: Bool
    /// The texts at which an answer ends, the server's and those cut on our side.
    let stops: [String]

    /// Builds the body.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` when the server cannot be asked for this.
    init(
        _ prompt: Prompt, sampling: SamplingSettings, temperature: Double, settings: OpenAISettings
    )
        throws
    {
        stops = (sampling.stops + prompt.stops).filter { !$0.isEmpty }
        sendsSeed = settings.seeds
        var values = settings.extra
        values["model"] = .string(settings.model)
        values["temperature"] = .number(temperature)
        values["top_p"] = .number(sampling.topP)
        values[settings.server.lengthKey(settings.api)] = .integer(sampling.maxTokens)
        if !stops.isEmpty {
            let sent = stops.prefix(settings.server.stopLimit)
            values["stop"] = .list(sent.map(BodyValue.string))
        }
        let further = try settings.server.furtherSampling(
            sampling, temperature: temperature, stops: stops)
        // What the user gave stands: it may name a newer server's keys.
        values.merge(further) { given, _ in given }
        switch settings.api {
        case .chat:
            values["messages"] = Self.messages(prompt)
            if settings.logprobs {
                values["logprobs"] = .bool(true)
                // llama-cpp-python gives log-probabilities only where some are asked for.
                values["top_logprobs"] = .integer(1)
            }
        case .completions:
            values["prompt"] = .string(try Self.text(prompt))
            if settings.logprobs { values["logprobs"] = .integer(1) }
        }
        common = values
    }

    /// The values for one sample alone, by which its answer is kept.
    func values(seed: Int) -> BodyValue {
        var values = common
        if sendsSeed { values["seed"] = .integer(seed) }
        return .table(values)
    }

    /// The bytes that are sent for some samples.
    func bytes(seed: Int, count: Int) throws -> Data {
        var values = common
        if sendsSeed { values["seed"] = .integer(seed) }
        if count > 1 { values["n"] = .integer(count) }
        return Data(try Self.json(.table(values)).utf8)
    }

    /// A value as JSON on one line, with sorted keys.
    static func json(_ value: BodyValue) throws -> String {
        try JSONText.encode(value, pretty: false)
    }

    private static func messages(_ prompt: Prompt) -> BodyValue {
        let messages =
            switch prompt.content {
            case .chat(let messages): messages
            case .text(let text): [ChatMessage(.user, text)]
            }
        return .list(
            messages.map {
                .table(["role": .string($0.role.rawValue), "content": .string($0.content)])
            })
    }

    private static func text(_ prompt: Prompt) throws -> String {
        guard case .text(let text) = prompt.content else {
            throw RefluxError(
                .usage, found: "the prompt \(prompt.id) is a list of messages",
                wanted: "a text to be continued, which api: completions needs",
                remedy: "Set api: chat, or ask for texts with the task's key prompt.")
        }
        return text
    }
}

extension RandomKey {
    /// The seed that is sent with a request: from 1 to 2^31 - 1, which every server takes.
    var requestSeed: Int { Int(words(at: 0).x % 0x7FFF_FFFF) + 1 }
}
