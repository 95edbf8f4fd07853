import RefluxCore

/// The section `sample`: the warmed-up student's own responses, for the reward model.
struct SampleSettings: Sendable {
    /// Samples of each prompt.
    let samples: Int
    /// The most prompts; `nil` takes all.
    let prompts: Int?
    /// How the student draws.
    let sampling: SamplingSettings
    /// Prompts that are answered, and written, together.
    let batchPrompts: Int
    /// The arithmetic; `nil` takes the student's.
    let precision: ModelOptions.Precision?

    /// Reads the section.
    init(_ reader: ConfigurationReader) throws {
        samples = try reader.int("samples", default: 2, in: 1...100_000)
        prompts = try reader.optionalInt("prompts", in: 1...Int.max)
        sampling = SamplingSettings(
            temperature: try reader.double("temperature", default: 0.8, in: 0...100),
            topK: try reader.int("top_k", default: 0, in: 0...10_000_000),
            topP: try reader.double("top_p", default: 1, in: 1e-6...1),
            minP: try reader.double("min_p", default: 0, in: 0...1),
            maxTokens: try reader.int("max_tokens", default: 256, in: 1...1_048_576))
        batchPrompts = try reader.int("batch_prompts", default: 256, in: 1...1_000_000)
        precision = try reader.optionalChoice("precision")
        try reader.finish()
    }
}
