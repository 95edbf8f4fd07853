public import RefluxCore

/// PPO (Schulman et al., arXiv 1707.06347) as it is used on language models, with a value head on
/// the policy; the method's paper reinforces with it.
///
/// **Advantages.** The reward of token t is r_t = -beta k1 (with the divergence in the reward) and,
/// at the last response token, the sequence's reward on top; generalised advantage estimation turns
/// them into A_t, and returns are A_t + V_t; then A is whitened over all response tokens of the step.
/// A sequence without tokens has no advantages; its reward still counts in the group's mean.
///
/// **Loss.** The clipped surrogate (with a dual clip) + `value_coefficient` times the clipped value
/// loss + beta k3 (with the divergence in the loss) - `entropy_coefficient` H.
///
/// **Cost.** Linear in the tokens. **Threads.** Any. **Errors.** ``RefluxError``: of kind `numeric`
/// for rewards or results that are not finite, `internalFault` for arrays that do not fit.
public struct ProximalPolicyOptimizer: PolicyOptimizer {
    /// The settings.
    public let settings: ProximalPolicySettings

    /// Makes an optimizer.
    public init(settings: ProximalPolicySettings = ProximalPolicySettings()) {
        self.settings = settings
    }

    /// `ppo`.
    public var name: String { "ppo" }
    /// PPO has a value head.
    public var needsValues: Bool { true }
    /// The reference is needed as soon as the divergence costs something.
    public var needsReference: Bool { settings.divergenceCoefficient > 0 }
    /// Entropies are needed for a bonus only.
    public var needsEntropy: Bool { settings.entropyCoefficient > 0 }
    /// The passes over a step's batch.
    public var epochs: Int { settings.epochs }

    /// Estimates the advantages of a step. Metrics: those of the rewards, `explained_variance` of the
    /// returns by the values and, with the divergence in the reward, `kl_penalty`, the mean of what
    /// it takes from a sequence.
    public func advantages(for batch: RolloutBatch) throws -> AdvantageBatch {
        try batch.check(values: true, reference: needsReference)
        let statistics = GroupStatistics(batch)
        let values = batch.values.map(Double.init)
        var raw: [Double] = []
        var penalty = 0.0
        raw.reserveCapacity(values.count)
        for sequence in 0..<batch.sequenceCount {
            let tokens = batch.offsets[sequence]..<batch.offsets[sequence + 1]
            var rewards = tokenPenalties(of: batch, tokens: tokens)
            penalty -= rewards.reduce(0, +)
            let baseline = settings.groupBaseline ? statistics.mean(of: batch.groups[sequence]) : 0
            if !rewards.isEmpty {
                rewards[rewards.count - 1] += batch.rewards[sequence] - baseline
            }
            raw += generalizedAdvantages(
                rewards: rewards, values: Array(values[tokens]), discount: settings.discount,
                smoothing: settings.smoothing)
        }
        let returns = zip(raw, values).map { $0 + $1 }
        var metrics = statistics.metrics
        metrics["explained_variance"] = explainedVariance(of: returns, by: values)
        if chargesReward {
            metrics["kl_penalty"] = penalty / Double(max(1, batch.sequenceCount))
        }
        let scaled = settings.scaling.apply(to: raw, floor: settings.deviationFloor)
        return AdvantageBatch(
            advantages: scaled.map { Float($0) }, returns: returns.map { Float($0) },
            metrics: metrics)
    }

    /// The loss of a micro-batch. Metrics: those of the surrogate and `value_loss`, before its
    /// coefficient.
    public func loss(for batch: PolicyLossBatch) throws -> PolicyLoss {
        let inLoss = settings.divergence == .inLoss && needsReference
        try batch.check(values: true, reference: inLoss, entropy: needsEntropy)
        let surrogate = SurrogateLoss(
            clip: settings.clip, aggregation: settings.aggregation,
            divergenceWeight: inLoss ? settings.divergenceCoefficient : 0,
            entropyWeight: settings.entropyCoefficient)
        var loss = surrogate.evaluate(batch)
        let value = ValueLoss(range: settings.valueClip).evaluate(batch)
        loss.value += settings.valueCoefficient * value.value
        loss.byValue = value.byValue.map { Float(settings.valueCoefficient * $0) }
        loss.metrics["value_loss"] = value.value
        return try loss.checked()
    }

    private var chargesReward: Bool { settings.divergence == .inReward && needsReference }

    /// -beta k1 of each token at the time of the rollout, or zeros.
    private func tokenPenalties(of batch: RolloutBatch, tokens: Range<Int>) -> [Double] {
        guard chargesReward else { return [Double](repeating: 0, count: tokens.count) }
        return tokens.map { token in
            let k1 =
                Double(batch.oldLogProbabilities[token])
                - Double(batch.referenceLogProbabilities[token])
            return -settings.divergenceCoefficient * k1
        }
    }

    /// 1 - var(ret - V) / var(ret); 0 where the returns do not vary.
    private func explainedVariance(of returns: [Double], by values: [Double]) -> Double {
        let whole = SampleStatistics(returns).deviation
        guard whole > 0 else { return 0 }
        let rest = SampleStatistics(zip(returns, values).map { $0 - $1 }).deviation
        return 1 - (rest / whole) * (rest / whole)
    }
}
