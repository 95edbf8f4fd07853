import RefluxCore

/// Draws the rollouts of a step from the policy.
struct RolloutSource: Sendable {
    /// The policy.
    let policy: any LanguageModelEngine
    /// The task.
    let task: any TaskEvaluator
    /// How rollouts are drawn.
    let sampling: SamplingSettings
    /// Rollouts of each prompt.
    let samplesPerPrompt: Int
    /// The run's seed.
    let seed: UInt64

    /// Draws, group by group. A response without tokens teaches nothing and is left out.
    ///
    /// - Parameters:
    ///   - examples: the prompts.
    ///   - step: the step, for the random numbers.
    ///   - firstSample: the number of each prompt's first sample, for the random numbers.
    /// - Returns: the rollouts, without rewards.
    /// - Throws: ``RefluxError`` when a prompt does not fit the policy.
    func rollouts(
        of examples: [Example], step: Int, firstSample: Int = 0
    ) async throws -> [Rollout] {
        let prompts = try examples.map(task.prompt)
        let tokens = try prompts.map { try policy.tokenizer.encode($0.content) }
        let requests = zip(prompts, tokens).map { prompt, tokens in
            var settings = sampling
            settings.stops += prompt.stops
            return SampleRequest(
                id: prompt.id, prompt: tokens, settings: settings, count: samplesPerPrompt,
                key: RandomKey(
                    seed: seed, stage: .reinforce, step: step, prompt: prompt.index,
                    sample: firstSample))
        }
        let drawn = try await policy.sample(requests)
        return try examples.indices.flatMap { group in
            try drawn[group].filter { !$0.tokens.isEmpty }.map { sampled in
                Rollout(
                    group: group, example: examples[group],
                    sequence: TokenSequence(prompt: tokens[group], response: sampled.tokens),
                    sampled: sampled, answer: try task.answer(in: sampled.text),
                    correct: try task.isCorrect(sampled.text, for: examples[group]))
            }
        }
    }
}
