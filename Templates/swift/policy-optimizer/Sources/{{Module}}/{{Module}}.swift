import RefluxPluginKit

/// REINFORCE (Williams, 1992) with the mean reward of each prompt's responses as the baseline.
///
/// A of every token of a sequence is R - mean(R of its group); the loss is the mean over the tokens of
/// the update of -A log pi.
struct {{Module}}: PolicyOptimizer {
    static let about = About(
        id: "{{id}}", title: "{{title}}",
        description: "REINFORCE with the mean reward of each prompt's responses as the baseline.",
        settings: [
            .number("scale", default: 1, in: 0...1000, "what every advantage is multiplied with")
        ])

    let scale: Double

    init(_ settings: Settings, host: HostInfo) throws {
        scale = try settings.number("scale")
    }

    func advantages(for batch: RolloutBatch, call: Call) -> Advantages {
        var advantages = batch.rewards
        for sequences in batch.sequencesByGroup {
            let mean = sequences.reduce(0) { $0 + batch.rewards[$1] } / Double(sequences.count)
            for sequence in sequences {
                advantages[sequence] = scale * (batch.rewards[sequence] - mean)
            }
        }
        return Advantages(batch.perToken { advantages[$0] })
    }

    func loss(for batch: LossBatch, call: Call) -> Loss {
        // The tokens of the whole update, not of this micro-batch.
        let weight = 1 / Double(max(1, batch.totalTokens))
        var loss = Loss(value: 0, byLogProbability: [])
        for (advantage, logProbability) in zip(batch.advantages, batch.logProbabilities) {
            loss.value -= weight * Double(advantage) * Double(logProbability)
            loss.byLogProbability.append(Float(-weight * Double(advantage)))
        }
        return loss
    }
}
