import RefluxCore

/// The pipeline's keys of the section `label`: there are none, all keys belong to the rule.
struct LabelSettings: Sendable {
    /// Takes nothing.
    init(_ reader: ConfigurationReader) throws {}
}
