import RefluxCore

/// The pipeline's keys of the section `reward`; the other keys belong to the reward model.
struct RewardSettings: Sendable {
    /// The held-out within-prompt AUC below which reinforcement does not start.
    let floor: Double
    /// Whether reinforcement starts all the same.
    let overrideFloor: Bool

    /// Takes the pipeline's keys and leaves the reward model's.
    init(_ reader: ConfigurationReader) throws {
        floor = try reader.double("floor", default: 0.6, in: 0...1)
        overrideFloor = try reader.bool("override_floor", default: false)
    }
}
