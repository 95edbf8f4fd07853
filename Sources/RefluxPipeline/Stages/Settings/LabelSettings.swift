import RefluxCore

/// The pipeline's keys of the section `label`; all others belong to the rule.
struct LabelSettings: Sendable {
    /// The seconds that the rule may take for one group; `nil` is as long as it likes.
    let timeout: Double?

    /// Takes `timeout`.
    init(_ reader: ConfigurationReader) throws {
        timeout = try reader.optionalDouble("timeout", in: 0.001...1_000_000)
    }
}
