import RefluxCore

extension SampleRequest {
    /// Checks a request against a model before anything is computed.
    ///
    /// - Throws: ``RefluxError`` that names the request's id: of kind `input` for the prompt, of
    ///   kind `usage` for the settings.
    func check(contextLength: Int, vocabularySize: Int) throws {
        guard !prompt.isEmpty else {
            throw RefluxError(
                .input, found: "the prompt \"\(id)\" has no tokens", wanted: "at least one token",
                remedy: "Give the prompt some text, or leave it out.")
        }
        guard prompt.count <= contextLength else {
            throw RefluxError(
                .input, found: "the prompt \"\(id)\" has \(prompt.count) tokens",
                wanted: "at most \(contextLength), the context length of the model",
                remedy: "Shorten the prompt, or use a model with a longer context.")
        }
        if let token = prompt.first(where: { $0 < 0 || Int($0) >= vocabularySize }) {
            throw RefluxError(
                .input, found: "the prompt \"\(id)\" holds the token id \(token)",
                wanted: "ids from 0 to \(vocabularySize - 1)",
                remedy: "Encode the prompt with the model's own tokenizer.")
        }
        try checkSettings()
    }

    private func checkSettings() throws {
        try require(count >= 0, "count", count, "0 or more")
        try require(
            settings.temperature >= 0 && settings.temperature.isFinite, "temperature",
            settings.temperature, "0 (greedy) or more")
        try require(settings.topK >= 0, "top_k", settings.topK, "0 (no limit) or more")
        try require(
            settings.topP > 0 && settings.topP <= 1, "top_p", settings.topP, "above 0, at most 1")
        try require(
            settings.minP >= 0 && settings.minP <= 1, "min_p", settings.minP, "from 0 to 1")
        try require(settings.maxTokens >= 0, "max_tokens", settings.maxTokens, "0 or more")
        try require(
            !settings.stops.contains(""), "stops", settings.stops, "texts that are not empty")
    }

    private func require(
        _ holds: Bool, _ name: String, _ value: some Any, _ wanted: String
    ) throws {
        guard !holds else { return }
        throw RefluxError(
            .usage, found: "the sampling of \"\(id)\" has \(name) \(value)", wanted: wanted)
    }
}
