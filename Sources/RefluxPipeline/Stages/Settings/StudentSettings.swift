import RefluxCore

/// The section `student`.
struct StudentSettings: Sendable {
    /// The model folder, or a role such as `prepared`.
    let model: String
    /// The arithmetic of every model of the run that has none of its own.
    let precision: ModelOptions.Precision
    /// Whether training trades time for memory.
    let gradientCheckpointing: Bool
    /// The adapter that warm-up and reinforcement train in place of the weights; `nil` trains the
    /// weights, or the adapter of the model where that is one.
    let adapter: AdapterSettings?

    /// Reads the section.
    init(_ reader: ConfigurationReader) throws {
        model = try reader.requiredString(
            "model",
            meaning: "a model folder or GGUF file, or \"prepared\" for what `prepare` makes")
        precision = try reader.choice(
            "precision", default: .automatic, of: ModelOptions.Precision.trainable)
        gradientCheckpointing = try reader.bool("gradient_checkpointing", default: false)
        adapter = try reader.adapter("adapter")
        try reader.finish()
    }

    /// How the student is opened to be trained.
    func trainable(
        drawingIn samplingPrecision: ModelOptions.Precision? = nil,
        head: ModelOptions.Head? = nil, seed: UInt64
    ) -> ModelOptions {
        ModelOptions(
            precision: precision, samplingPrecision: samplingPrecision, trainable: true,
            gradientCheckpointing: gradientCheckpointing, head: head, adapter: adapter, seed: seed)
    }
}
