import RefluxCore

/// The rule's reward of greedy answers to prompts that reinforcement never draws: what early stopping
/// watches, because the reward model's own score also climbs while it is being exploited.
struct HeldOutReward: Sendable {
    /// The prompts; empty when the run has none to spare.
    let examples: [Example]
    /// The rule.
    let judge: GroupJudge
    /// The teachers' responses.
    let pool: TeacherPool
    /// The most new tokens.
    let maxTokens: Int
    /// The run's seed.
    let seed: UInt64

    /// What a look found.
    struct Look: Sendable {
        /// The mean reward of the answers that the rule rewards.
        let reward: Double
        /// The fraction of right answers; an audit.
        let accuracy: Double?
    }

    /// Looks at a policy.
    ///
    /// - Returns: `nil` when the rule rewards none of the prompts.
    func look(at policy: any LanguageModelEngine) async throws -> Look? {
        guard !examples.isEmpty else { return nil }
        let drawn = try await policy.responses(
            to: examples.map(judge.task.prompt), settings: .greedy(maxTokens: maxTokens)
        ) { RandomKey(seed: seed, stage: .reinforce, prompt: $0.index) }
        var rewards: [Double] = []
        var marks: [Bool] = []
        for (example, samples) in zip(examples, drawn) {
            guard let sample = samples.first else { continue }
            let known = pool.group(of: example.id)
            let answer = Response(
                promptID: example.id, text: sample.text, role: .student, source: "held-out",
                model: "policy", sample: 0, temperature: 0, seed: seed, finish: sample.finish,
                tokenCount: sample.tokens.count)
            let group = try await judge.judge(
                example, responses: known.responses + [answer],
                answers: known.answers + [try judge.task.answer(in: sample.text)])
            if let reward = group.rewards.last ?? nil { rewards.append(reward) }
            if let mark = try judge.task.isCorrect(sample.text, for: example) { marks.append(mark) }
        }
        return mean(rewards).map { Look(reward: $0, accuracy: fraction(marks) { $0 }) }
    }
}
