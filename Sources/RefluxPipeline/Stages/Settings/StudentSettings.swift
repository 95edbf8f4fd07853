import RefluxCore

/// The section `student`.
struct StudentSettings: Sendable {
    /// The model folder, or a role such as `prepared`.
    let model: String
    /// The arithmetic of every model of the run.
    let precision: ModelOptions.Precision
    /// Whether training trades time for memory.
    let gradientCheckpointing: Bool

    /// Reads the section.
    init(_ reader: ConfigurationReader) throws {
        model = try reader.requiredString(
            "model",
            meaning: "a model folder or GGUF file, or \"prepared\" for what `prepare` makes")
        precision = try reader.choice("precision", default: ModelOptions.Precision.automatic)
        gradientCheckpointing = try reader.bool("gradient_checkpointing", default: false)
        try reader.finish()
    }

    /// How a model that this run trains is opened.
    func trainable(head: ModelOptions.Head? = nil, seed: UInt64) -> ModelOptions {
        ModelOptions(
            precision: precision, trainable: true, gradientCheckpointing: gradientCheckpointing,
            head: head, seed: seed)
    }
}
