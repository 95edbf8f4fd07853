import RefluxCore

/// Prompts and responses as the sequences that a model learns from.
struct SupervisedData: Sendable {
    /// The sequences that fit.
    private(set) var sequences: [TokenSequence] = []
    /// How many did not fit the model's context.
    private(set) var tooLong = 0
    /// How many had no response tokens.
    private(set) var empty = 0
    private let tokenizer: any Tokenizer
    private let contextLength: Int

    /// Starts with nothing.
    init(for engine: any LanguageModelEngine) {
        tokenizer = engine.tokenizer
        contextLength = engine.info.contextLength
    }

    /// Adds the responses to one prompt, which is tokenised once.
    ///
    /// - Throws: ``RefluxError`` when the model cannot render the prompt.
    mutating func add(
        _ responses: [(text: String, finished: Bool)], to prompt: Prompt
    ) throws {
        guard !responses.isEmpty else { return }
        let promptTokens = try tokenizer.encode(prompt.content)
        for response in responses {
            let tokens = tokenizer.encodeResponse(response.text, finished: response.finished)
            if tokens.isEmpty {
                empty += 1
            } else if promptTokens.count + tokens.count > contextLength {
                tooLong += 1
            } else {
                sequences.append(TokenSequence(prompt: promptTokens, response: tokens))
            }
        }
    }

    /// What was left out, in words; `nil` when nothing was.
    var omissions: String? {
        guard tooLong + empty > 0 else { return nil }
        return "left out: \(tooLong) responses that do not fit the context of \(contextLength) "
            + "tokens, \(empty) empty ones"
    }
}
