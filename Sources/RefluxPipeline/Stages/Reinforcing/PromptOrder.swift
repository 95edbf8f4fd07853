import RefluxCore

/// Which prompts every step of reinforcement takes: each epoch goes through a new order of all of
/// them, without replacement. A pure function of the seed and the step.
///
/// What does not fill a step at the end of an epoch waits for another epoch's order, so that no step
/// holds a prompt twice.
struct PromptOrder: Sendable {
    /// The prompts that are drawn from.
    let examples: [Example]
    /// Prompts of one step; at most as many as there are.
    let perStep: Int
    /// The run's seed.
    let seed: UInt64

    /// The prompts of a step, from 0.
    func examples(at step: Int) -> [Example] {
        guard !examples.isEmpty else { return [] }
        let size = min(perStep, examples.count)
        let stepsPerEpoch = examples.count / size
        var stream = RandomKey.reinforceOrder(seed: seed, step: step / stepsPerEpoch).stream
        let order = examples.indices.shuffled(using: &stream)
        let first = step % stepsPerEpoch * size
        return order[first..<first + size].map { examples[$0] }
    }
}

extension RandomKey {
    /// Keys for orders of prompts; rollouts use the indexes of prompts, which never get so large.
    static func reinforceOrder(seed: UInt64, step: Int) -> RandomKey {
        RandomKey(
            seed: seed, stage: .reinforce, step: step, prompt: Int(UInt32.max),
            sample: Int(UInt32.max))
    }
}
