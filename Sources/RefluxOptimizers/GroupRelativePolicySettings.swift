public import RefluxCore

/// The settings of GRPO, with the keys of the run file.
public struct GroupRelativePolicySettings: Sendable, Equatable {
    /// `clip_low`, `clip_high` (0.2), `dual_clip` (0: off).
    public var clip = ClippedSurrogate()
    /// `deviation_floor`: added to sigma of the group, in units of reward. GRPO as published has
    /// 1e-6, which turns differences of .003 among equally good answers into full-size advantages as
    /// soon as the reward is a learned score; .1 keeps them small.
    public var deviationFloor = 0.1
    /// `kl_coefficient`: beta of k3 in the loss; 0 needs no reference.
    public var divergenceCoefficient = 0.005
    /// `entropy_coefficient`: the weight of the entropy bonus.
    public var entropyCoefficient = 0.0
    /// `aggregation` of the loss: `sequence` or `token`.
    public var aggregation = LossAggregation.sequence
    /// `epochs`: how often the batch of a step is gone through.
    public var epochs = 1

    /// The defaults.
    public init() {}

    /// Reads the settings from a table.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` for a value of the wrong kind or out of its range.
    public init(_ reader: ConfigurationReader) throws {
        clip = try ClippedSurrogate(reader, dual: 0)
        deviationFloor = try reader.double(
            "deviation_floor", default: deviationFloor, in: 1e-9...1000)
        divergenceCoefficient = try reader.double(
            "kl_coefficient", default: divergenceCoefficient, in: 0...1000)
        entropyCoefficient = try reader.double(
            "entropy_coefficient", default: entropyCoefficient, in: 0...1000)
        aggregation = try reader.choice("aggregation", default: aggregation)
        epochs = try reader.int("epochs", default: epochs, in: 1...1000)
    }
}
