import RefluxCore

/// The training prompts from which nothing learns: neither the warm-up nor the reward model nor
/// reinforcement.
///
/// The teachers answer them and the rule labels them like all others, so they measure the reward
/// model and watch reinforcement without gold. Were they among the warm-up's lessons, the student
/// would know the teachers' answers to them by heart, and would seem to get worse by learning to
/// reason (docs/log.md).
struct HeldOutPrompts: Sendable {
    /// The ids of the examples.
    let ids: Set<String>

    /// Chooses a fraction of the examples, at least one and never all of several.
    init(_ examples: [Example], fraction: Double, seed: UInt64) {
        let wanted = Int((Double(examples.count) * fraction).rounded())
        let count = min(max(1, wanted), max(0, examples.count - 1))
        var stream = RandomKey(seed: seed, stage: .reward, prompt: Int(UInt32.max)).stream
        ids = Set(examples.shuffled(using: &stream).prefix(count).map(\.id))
    }
}

extension StageContext {
    /// The training prompts from which nothing learns.
    func heldOutPrompts() throws -> HeldOutPrompts {
        HeldOutPrompts(
            try trainExamples(), fraction: configuration.taskSettings.heldOut,
            seed: configuration.seed)
    }
}
