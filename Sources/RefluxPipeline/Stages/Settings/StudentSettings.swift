import RefluxCore

/// The section `student`.
struct StudentSettings: Sendable {
    /// The model folder, or a role such as `prepared`.
    let model: String
    /// The arithmetic of every model of the run.
    let precision: ModelOptions.Precision

    /// Reads the section.
    init(_ reader: ConfigurationReader) throws {
        model = try reader.requiredString(
            "model",
            meaning: "a model folder or GGUF file, or \"prepared\" for what `prepare` makes")
        precision = try reader.choice("precision", default: ModelOptions.Precision.automatic)
        try reader.finish()
    }
}
