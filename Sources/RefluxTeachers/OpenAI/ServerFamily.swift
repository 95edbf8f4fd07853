import RefluxCore

/// The programs that speak the OpenAI protocol, as far as they read sampling parameters differently.
///
/// Whatever a server is not told it takes from defaults of its own, which are rarely the model's own
/// distribution: so every parameter that a family knows is sent.
public enum ServerFamily: String, Sendable, CaseIterable {
    /// Any server: only the parameters of the OpenAI protocol are sent.
    case generic
    /// OpenAI itself.
    case openai
    /// vLLM.
    case vllm
    /// SGLang.
    case sglang
    /// llama.cpp's own server, and llama-cpp-python's.
    case llamaCpp = "llama.cpp"
    /// Ollama.
    case ollama
    /// `transformers serve`.
    case transformers

    /// The name of the key for the most tokens of an answer.
    func lengthKey(_ api: OpenAISettings.API) -> String {
        self == .openai && api == .chat ? "max_completion_tokens" : "max_tokens"
    }

    /// The most stop texts that the server takes; further ones are cut on our side alone.
    var stopLimit: Int { self == .openai ? 4 : .max }

    /// The parameters beside those of the protocol that make the server draw as the plan says.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` where the plan filters by k or by the smallest
    ///   probability and the server cannot be told to.
    func furtherSampling(
        _ settings: SamplingSettings, temperature: Double, stops: [String]
    ) throws -> [String: BodyValue] {
        switch self {
        case .generic, .openai, .ollama:
            try refuse(settings.topK != 0, "top_k", "0")
            try refuse(settings.minP != 0, "min_p", "0")
            return [:]
        case .vllm, .sglang:
            // Both take what is not sent from the model's generation_config.json; -1 keeps all.
            return [
                "top_k": .integer(settings.topK == 0 ? -1 : settings.topK),
                "min_p": .number(settings.minP), "repetition_penalty": .number(1),
            ]
        case .llamaCpp:
            // One slot's cached prompt changes the batch shapes of the next: two texts for one seed.
            return [
                "top_k": .integer(settings.topK), "min_p": .number(settings.minP),
                "repeat_penalty": .number(1), "cache_prompt": .bool(false),
            ]
        case .transformers:
            return [
                "generation_config": .string(
                    try generationConfig(settings, temperature: temperature, stops: stops))
            ]
        }
    }

    /// `transformers serve` draws by the model's generation_config.json, which may say greedy, unless
    /// a whole configuration is sent.
    private func generationConfig(
        _ settings: SamplingSettings, temperature: Double, stops: [String]
    ) throws -> String {
        var values: [String: BodyValue] = [
            "do_sample": .bool(temperature > 0), "max_new_tokens": .integer(settings.maxTokens),
            "repetition_penalty": .number(1),
        ]
        if temperature > 0 {
            values["temperature"] = .number(temperature)
            values["top_k"] = .integer(settings.topK)
            values["top_p"] = .number(settings.topP)
            values["min_p"] = .number(settings.minP)
        }
        return try RequestBody.json(.table(values))
    }

    private func refuse(_ isWanted: Bool, _ key: String, _ neutral: String) throws {
        guard isWanted else { return }
        let reason =
            switch self {
            case .ollama: "Ollama's OpenAI interface does not read it"
            case .openai: "OpenAI refuses it"
            default: "it is not part of the OpenAI protocol, and many servers would ignore it"
            }
        let remedy =
            switch self {
            case .ollama: "Leave it out, and set it with PARAMETER in a Modelfile."
            case .openai: "Leave it out, or use top_p."
            default:
                "Leave it out, or say with server which program answers: vllm, sglang, llama.cpp "
                    + "and transformers take it."
            }
        throw RefluxError(
            .usage, found: "\(key) cannot be sent to a server of the kind \(rawValue): \(reason)",
            at: SourceLocation(path: "the teacher", key: key), wanted: "\(key): \(neutral)",
            remedy: remedy)
    }
}
