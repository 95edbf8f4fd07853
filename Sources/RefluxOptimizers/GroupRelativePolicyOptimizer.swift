public import RefluxCore

/// GRPO (Shao et al., arXiv 2402.03300): no value head; the responses to one prompt are each other's
/// baseline.
///
/// **Advantages.** Every token of a sequence has (R - mu) / (sigma + floor), with mu and the unbiased
/// sigma of the rewards of its group. A group of one, or one whose rewards are all equal, has 0.
///
/// **Loss.** The mean over sequences of the token means (or the mean over tokens) of the clipped
/// surrogate + beta k3 - `entropy_coefficient` H.
///
/// **Cost.** Linear in the tokens. **Threads.** Any. **Errors.** ``RefluxError``: of kind `numeric`
/// for rewards or results that are not finite, `internalFault` for arrays that do not fit.
public struct GroupRelativePolicyOptimizer: PolicyOptimizer {
    /// The settings.
    public let settings: GroupRelativePolicySettings

    /// Makes an optimizer.
    public init(settings: GroupRelativePolicySettings = GroupRelativePolicySettings()) {
        self.settings = settings
    }

    /// `grpo`.
    public var name: String { "grpo" }
    /// The reference is needed as soon as the divergence costs something.
    public var needsReference: Bool { settings.divergenceCoefficient > 0 }
    /// Entropies are needed for a bonus only.
    public var needsEntropy: Bool { settings.entropyCoefficient > 0 }
    /// The passes over a step's batch.
    public var epochs: Int { settings.epochs }

    /// Compares the rewards within each group. Metrics: those of the rewards.
    public func advantages(for batch: RolloutBatch) throws -> AdvantageBatch {
        try batch.check(values: false, reference: false)
        let statistics = GroupStatistics(batch)
        let advantages = batch.perToken { sequence in
            let group = batch.groups[sequence]
            return (batch.rewards[sequence] - statistics.mean(of: group))
                / (statistics.deviation(of: group) + settings.deviationFloor)
        }
        return AdvantageBatch(
            advantages: advantages, returns: [], metrics: statistics.metrics)
    }

    /// The loss of a micro-batch, with the metrics of the surrogate.
    public func loss(for batch: PolicyLossBatch) throws -> PolicyLoss {
        try batch.check(values: false, reference: needsReference, entropy: needsEntropy)
        let surrogate = SurrogateLoss(
            clip: settings.clip, aggregation: settings.aggregation,
            divergenceWeight: settings.divergenceCoefficient,
            entropyWeight: settings.entropyCoefficient)
        return try surrogate.evaluate(batch).checked()
    }
}
