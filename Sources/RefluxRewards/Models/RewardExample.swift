import RefluxCore

/// A labelled response as tokens.
struct RewardExample: Sendable {
    /// Prompt and response.
    var sequence: TokenSequence
    /// What is to be learnt.
    var target: RewardTargets.Item
}

/// Turns prompts and responses into tokens of the body's own tokenizer.
struct RewardEncoder: Sendable {
    /// The body's tokenizer.
    let tokenizer: any Tokenizer
    /// The body's context.
    let contextLength: Int
    /// The most tokens of a sequence, where responses may be cut.
    let maxTokens: Int?

    /// The tokens of a response.
    ///
    /// Every response is read with the token that ends one, also a response that was cut by a limit:
    /// the log-probability of the end tells the model how implausible it is there, and no response is
    /// without a token. One that was cut by a limit is cut further where it would not fit: it filled
    /// its own model's context, and there is no room for the end behind it.
    ///
    /// - Throws: ``RefluxError`` of kind `input` naming the prompt when it does not fit.
    func encode(_ item: ScoringItem) throws -> TokenSequence {
        let prompt = try tokenizer.encode(item.prompt.content)
        var response = tokenizer.encodeResponse(item.text, finished: true)
        let limit = min(maxTokens ?? contextLength, contextLength)
        if maxTokens != nil || !item.finished {
            response = Array(response.prefix(max(0, limit - prompt.count)))
        }
        guard !prompt.isEmpty, prompt.count < limit, prompt.count + response.count <= limit else {
            throw RefluxError(
                .input,
                found: "prompt \(item.prompt.id) has \(prompt.count) tokens and a response of "
                    + "\(response.count) in the reward model's tokenizer",
                wanted: "together at most \(limit), with room for a response",
                remedy: maxTokens == nil
                    ? "Set reward.max_tokens to cut long responses, or use a body with a longer "
                        + "context." : "Raise reward.max_tokens, or leave the prompt out.")
        }
        return TokenSequence(prompt: prompt, response: response)
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
        let sequence = try encode(labelled.item)
        return RewardExample(
            sequence: sequence,
            target: RewardTargets.Item(
                reward: labelled.reward, weight: labelled.weight, tokens: sequence.responseCount))
    }
}
