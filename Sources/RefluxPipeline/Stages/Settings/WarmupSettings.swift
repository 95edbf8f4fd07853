import RefluxCore

/// The section `warmup`: supervised fine-tuning of the student on the teachers' responses.
struct WarmupSettings: Sendable {
    /// How often the responses are gone through.
    let epochs: Int
    /// What makes up one step.
    let batch: BatchSize
    /// Whether only responses with a pseudo-reward of at least one half are learnt.
    let acceptedOnly: Bool
    /// The most responses of one prompt; `nil` takes all.
    let maxPerPrompt: Int?
    /// The most prompts; `nil` takes all.
    let promptLimit: Int?
    /// The most tokens that are computed at once.
    let microBatchTokens: Int
    /// Steps between two checkpoints.
    let checkpointEvery: Int
    /// The optimizer.
    let optimization: OptimizationSettings

    /// Reads the section.
    init(_ reader: ConfigurationReader) throws {
        epochs = try reader.int("epochs", default: 4, in: 1...100_000)
        batch = try BatchSize(reader, sequences: 64)
        acceptedOnly = try reader.bool("accepted_only", default: false)
        maxPerPrompt = try reader.optionalInt("max_per_prompt", in: 1...1_000_000)
        promptLimit = try reader.optionalInt("prompt_limit", in: 1...Int.max)
        microBatchTokens = try reader.int("micro_batch_tokens", default: 8_192, in: 1...10_000_000)
        checkpointEvery = try reader.int("checkpoint_every", default: 200, in: 1...1_000_000)
        optimization = try OptimizationSettings(
            reader,
            defaults: OptimizationSettings(
                learningRate: 3e-3, shape: .cosine, warmupSteps: 50, weightDecay: 0.01))
        try reader.finish()
    }
}

extension BatchSize {
    /// Takes `batch_tokens` or `batch_sequences`; one of them at most.
    init(_ reader: ConfigurationReader, sequences fallback: Int) throws {
        let tokens = try reader.optionalInt("batch_tokens", in: 1...100_000_000)
        guard let tokens else {
            self = .sequences(
                try reader.int("batch_sequences", default: fallback, in: 1...1_000_000))
            return
        }
        guard try reader.optionalInt("batch_sequences", in: 1...1_000_000) == nil else {
            throw reader.wrong(
                "batch_sequences", wanted: "either `batch_tokens` or `batch_sequences`",
                remedy: "Remove one of the two.")
        }
        self = .tokens(tokens)
    }
}
