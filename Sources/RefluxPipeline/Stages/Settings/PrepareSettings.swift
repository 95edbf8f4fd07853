import RefluxCore

/// The section `prepare`: an imperfect teacher trained from nothing and an untrained student, so that
/// a run needs no download.
struct PrepareSettings: Sendable {
    /// The shape of a model that is made.
    struct Shape: Sendable {
        /// Layers.
        let layers: Int
        /// The width of the hidden state.
        let width: Int
        /// Attention heads; they divide the width.
        let heads: Int
        /// Heads of keys and values; they divide the heads.
        let keyValueHeads: Int
        /// The inner width of the feed-forward layers.
        let feedForward: Int
        /// The most tokens of prompt and response together.
        let context: Int
    }

    /// The size of the tokenizer's vocabulary.
    let vocabulary: Int
    /// How many problems the tokenizer learns from.
    let corpus: Int
    /// The teacher.
    let teacher: Shape
    /// The student.
    let student: Shape
    /// How the teacher is trained.
    let train: PrepareTraining

    /// Reads the section.
    init(_ reader: ConfigurationReader) throws {
        vocabulary = try reader.int("vocabulary", default: 512, in: 300...1_000_000)
        corpus = try reader.int("corpus", default: 20_000, in: 1...10_000_000)
        teacher = try reader.nested("teacher") { try Shape($0, layers: 4, width: 96) }
        student = try reader.nested("student") { try Shape($0, layers: 3, width: 64) }
        train = try reader.nested("train", PrepareTraining.init)
        try reader.finish()
    }
}

extension PrepareSettings.Shape {
    /// Reads a shape; the defaults are those of the measured toy run.
    init(_ reader: ConfigurationReader, layers: Int, width: Int) throws {
        self.layers = try reader.int("layers", default: layers, in: 1...1_000)
        self.width = try reader.int("width", default: width, in: 8...65_536)
        heads = try reader.int("heads", default: 4, in: 1...1_024)
        keyValueHeads = try reader.int("kv_heads", default: heads, in: 1...1_024)
        feedForward = try reader.int("feed_forward", default: self.width * 8 / 3, in: 8...262_144)
        context = try reader.int("context", default: 160, in: 16...1_048_576)
        guard self.width % heads == 0, (self.width / heads) % 2 == 0 else {
            throw reader.wrong(
                "heads", wanted: "heads that divide the width \(self.width) into even parts")
        }
        guard heads % keyValueHeads == 0 else {
            throw reader.wrong("kv_heads", wanted: "a divisor of the \(heads) heads")
        }
    }
}

/// The table `prepare.train`: supervised training of the teacher on worked solutions.
struct PrepareTraining: Sendable {
    /// How many problems the teacher learns from; none of them is a prompt of the run.
    let problems: Int
    /// Problems of one step.
    let batch: Int
    /// The most steps.
    let steps: Int
    /// The greedy accuracy at which training stops; `nil` trains all steps.
    let stopAt: Double?
    /// Steps between two looks at the accuracy.
    let checkEvery: Int
    /// Problems of one look; the teacher does not learn from them.
    let checkProblems: Int
    /// The most new tokens of an answer during a look.
    let maxTokens: Int
    /// The most tokens that are computed at once.
    let microBatchTokens: Int
    /// Steps between two checkpoints.
    let checkpointEvery: Int
    /// The optimizer.
    let optimization: OptimizationSettings

    /// Reads the table.
    init(_ reader: ConfigurationReader) throws {
        problems = try reader.int("problems", default: 20_000, in: 1...100_000_000)
        batch = try reader.int("batch", default: 64, in: 1...65_536)
        steps = try reader.int("steps", default: 1_500, in: 1...10_000_000)
        stopAt = try reader.optionalDouble("stop_at", in: 0...1)
        checkEvery = try reader.int("check_every", default: 50, in: 1...1_000_000)
        checkProblems = try reader.int("check_problems", default: 200, in: 1...1_000_000)
        maxTokens = try reader.int("max_tokens", default: 64, in: 1...1_048_576)
        microBatchTokens = try reader.int("micro_batch_tokens", default: 8_192, in: 1...10_000_000)
        checkpointEvery = try reader.int("checkpoint_every", default: 200, in: 1...1_000_000)
        optimization = try OptimizationSettings(
            reader,
            defaults: OptimizationSettings(
                learningRate: 2e-3, shape: .constant, warmupSteps: 50, weightDecay: 0.01))
    }
}
