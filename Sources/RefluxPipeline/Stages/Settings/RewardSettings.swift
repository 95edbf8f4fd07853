import RefluxCore

/// The pipeline's keys of the section `reward`; the other keys belong to the reward model.
struct RewardSettings: Sendable {
    /// The fraction of the prompts that the reward model does not learn from.
    let holdout: Double
    /// The held-out within-prompt AUC below which reinforcement does not start.
    let floor: Double
    /// Whether reinforcement starts all the same.
    let overrideFloor: Bool

    /// Takes the pipeline's keys and leaves the reward model's.
    init(_ reader: ConfigurationReader) throws {
        holdout = try reader.double("holdout", default: 0.1, in: 0.001...0.9)
        floor = try reader.double("floor", default: 0.6, in: 0...1)
        overrideFloor = try reader.bool("override_floor", default: false)
    }
}
