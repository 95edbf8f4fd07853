import RefluxCore

/// A labelled response as tokens.
struct RewardExample: Sendable {
    /// What the engine reads: prompt and response, or a question with each of two verdicts.
    var sequences: [TokenSequence]
    /// What is to be learnt.
    var target: RewardTargets.Item

    /// The tokens of all its sequences.
    var tokenCount: Int { sequences.tokenCount }
}

extension [TokenSequence] {
    /// The tokens of all sequences.
    var tokenCount: Int { reduce(0) { $0 + $1.tokens.count } }
}

/// Turns prompts and responses into tokens of the body's own tokenizer.
struct RewardEncoder: Sendable {
    /// The body's tokenizer.
    let tokenizer: any Tokenizer
    /// The body's context.
    let contextLength: Int
    /// The most tokens of a sequence, where responses may be cut.
    let maxTokens: Int?
    /// How the body is asked for a verdict, where it gives one.
    var verdict: VerdictPrompt?

    /// What the engine reads for a response.
    ///
    /// - Throws: ``RefluxError`` of kind `input` naming the prompt when it does not fit.
    func encode(_ item: ScoringItem) throws -> [TokenSequence] {
        guard let verdict else { return [try encodeResponse(of: item)] }
        return try encode(item, asking: verdict)
    }

    /// The tokens of a response.
    ///
    /// Every response is read with the token that ends one, also a response that was cut by a limit:
    /// the log-probability of the end tells the model how implausible it is there, and no response is
    /// without a token. One that was cut by a limit is cut further where it would not fit: it filled
    /// its own model's context, and there is no room for the end behind it.
    func encodeResponse(of item: ScoringItem) throws -> TokenSequence {
        let prompt = try tokenizer.encode(item.prompt.content)
        var response = tokenizer.encodeResponse(item.text, finished: true)
        let limit = min(maxTokens ?? contextLength, contextLength)
        if maxTokens != nil || !item.finished {
            response = Array(response.prefix(max(0, limit - prompt.count)))
        }
        guard !prompt.isEmpty, prompt.count < limit, prompt.count + response.count <= limit else {
            throw tooLong(
                "prompt \(item.prompt.id) has \(prompt.count) tokens and a response of "
                    + "\(response.count)",
                wanted: "together at most \(limit), with room for a response")
        }
        return TokenSequence(prompt: prompt, response: response)
    }

    /// The question with the word that accepts, and with the one that rejects. Where a response may
    /// be cut it loses tokens at its end until the question fits.
    private func encode(
        _ item: ScoringItem, asking verdict: VerdictPrompt
    ) throws -> [TokenSequence] {
        let words = try verdict.words(tokenizer)
        let limit =
            min(maxTokens ?? contextLength, contextLength)
            - max(words.accept.count, words.reject.count)
        func question(_ response: String) throws -> [Int32] {
            try verdict.encode(verdict.question(item.prompt, response: response), tokenizer)
        }
        var tokens = try question(item.text)
        if maxTokens != nil || !item.finished, tokens.count > limit {
            var response = tokenizer.encodeResponse(item.text, finished: false)
            while tokens.count > limit, !response.isEmpty {
                response.removeLast(min(tokens.count - limit, response.count))
                tokens = try question(tokenizer.decode(response, skipSpecial: false))
            }
        }
        guard !tokens.isEmpty, tokens.count <= limit else {
            throw tooLong(
                "the question about a response to prompt \(item.prompt.id) has \(tokens.count) tokens",
                wanted: "at most \(limit), with room for the verdict")
        }
        return [words.accept, words.reject].map { TokenSequence(prompt: tokens, response: $0) }
    }

    private func tooLong(_ found: String, wanted: String) -> RefluxError {
        RefluxError(
            .input, found: "\(found) in the reward model's tokenizer", wanted: wanted,
            remedy: maxTokens == nil
                ? "Set reward.max_tokens to cut long responses, or use a body with a longer context."
                : "Raise reward.max_tokens, or leave the prompt out.")
    }

    /// The tokens and the target of a labelled response.
    func encode(_ labelled: RewardTrainingData.Item) throws -> RewardExample {
        guard (0...1).contains(labelled.reward), labelled.weight >= 0, labelled.weight.isFinite
        else {
            throw RefluxError(
                .input,
                found: "a response to prompt \(labelled.item.prompt.id) has the reward "
                    + "\(labelled.reward) and the weight \(labelled.weight)",
                wanted: "a reward from 0 to 1 and a weight of at least 0")
        }
        let sequences = try encode(labelled.item)
        return RewardExample(
            sequences: sequences,
            target: RewardTargets.Item(
                reward: labelled.reward, weight: labelled.weight,
                tokens: sequences[0].responseCount))
    }
}
