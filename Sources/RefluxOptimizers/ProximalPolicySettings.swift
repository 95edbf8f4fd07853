public import RefluxCore

/// The settings of PPO, with the keys of the run file.
public struct ProximalPolicySettings: Sendable, Equatable {
    /// Where the divergence from the reference is charged.
    public enum DivergencePlacement: String, Sendable, CaseIterable {
        /// -beta k1 is added to the reward of every token (Ziegler et al., arXiv 1909.08593).
        case inReward = "in_reward"
        /// beta k3 is added to the loss of every token.
        case inLoss = "in_loss"
    }

    /// `clip_low`, `clip_high` (0.2), `dual_clip` (3; 0 is off).
    public var clip = ClippedSurrogate(dual: 3)
    /// `discount`, gamma.
    public var discount = 1.0
    /// `gae_lambda`, lambda.
    public var smoothing = 0.95
    /// `advantages`: `whiten`, `scale` or `none`.
    public var scaling = AdvantageScaling.whiten
    /// `deviation_floor`: added to the deviation that advantages are divided by, in units of reward.
    /// Raise it (to 0.1, say) when rewards may be nearly equal, so that their small differences are
    /// not blown up.
    public var deviationFloor = 1e-8
    /// `group_baseline`: subtracts the mean reward of the prompt's group from each reward before the
    /// estimation (REINFORCE++-baseline, arXiv 2501.03262), which helps while the value head is
    /// still untrained; a group of one then has no signal.
    public var groupBaseline = false
    /// `value_coefficient`: the weight of the value loss.
    public var valueCoefficient = 0.1
    /// `value_clip`: how far a value may move within a step; 0 does not clip.
    public var valueClip = 0.2
    /// `kl`: where the divergence is charged.
    public var divergence = DivergencePlacement.inReward
    /// `kl_coefficient`: beta; 0 needs no reference.
    public var divergenceCoefficient = 0.05
    /// `entropy_coefficient`: the weight of the entropy bonus.
    public var entropyCoefficient = 0.0
    /// `aggregation` of the policy's loss: `token` or `sequence`.
    public var aggregation = LossAggregation.token
    /// `epochs`: how often the batch of a step is gone through.
    public var epochs = 2

    /// The defaults.
    public init() {}

    /// Reads the settings from a table.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` for a value of the wrong kind or out of its range.
    public init(_ reader: ConfigurationReader) throws {
        clip = try ClippedSurrogate(reader, dual: 3)
        discount = try reader.double("discount", default: discount, in: 0...1)
        smoothing = try reader.double("gae_lambda", default: smoothing, in: 0...1)
        scaling = try reader.choice("advantages", default: scaling)
        deviationFloor = try reader.double("deviation_floor", default: deviationFloor, in: 0...1000)
        groupBaseline = try reader.bool("group_baseline", default: groupBaseline)
        valueCoefficient = try reader.double(
            "value_coefficient", default: valueCoefficient, in: 0...1000)
        valueClip = try reader.double("value_clip", default: valueClip)
        divergence = try reader.choice("kl", default: divergence)
        divergenceCoefficient = try reader.double(
            "kl_coefficient", default: divergenceCoefficient, in: 0...1000)
        entropyCoefficient = try reader.double(
            "entropy_coefficient", default: entropyCoefficient, in: 0...1000)
        aggregation = try reader.choice("aggregation", default: aggregation)
        epochs = try reader.int("epochs", default: epochs, in: 1...1000)
    }
}
