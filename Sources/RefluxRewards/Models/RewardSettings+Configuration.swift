import RefluxCore

extension RewardSettings {
    /// Reads a table whose absent keys are those of a preset.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` for a value of the wrong kind or out of its range,
    ///   and for settings that leave nothing to learn.
    init(_ reader: ConfigurationReader, preset: RewardSettings) throws {
        self = preset
        body = try reader.string("body", default: body)
        adapter = try reader.adapter("adapter")
        try readForm(reader)
        try readLoss(reader)
        try readLength(reader)
        try readUpdate(reader)
        try readMemory(reader)
    }

    /// Reads the keys that also matter when a saved model is loaded.
    mutating func readMemory(_ reader: ConfigurationReader) throws {
        microBatchTokens = try reader.int(
            "micro_batch_tokens", default: microBatchTokens, in: 1...Int.max)
        precision =
            try reader.optionalChoice("precision", of: ModelOptions.Precision.trainable)
            ?? precision
    }

    private mutating func readForm(_ reader: ConfigurationReader) throws {
        switch form {
        case .features:
            reading = try reader.choice("reading", default: reading)
            try readFeatures(reader)
            headLearningRate = try reader.optionalDouble("head_learning_rate", in: 0...1)
        case .implicit(let preset): form = .implicit(try ImplicitScore(reader, preset: preset))
        case .verdict(let preset): form = .verdict(try VerdictPrompt(reader, preset: preset))
        }
    }

    private mutating func readFeatures(_ reader: ConfigurationReader) throws {
        let names = try reader.strings("features", default: features.map(\.rawValue))
        features = try names.map { name in
            guard let feature = Feature(rawValue: name) else {
                throw RefluxError(
                    .usage, found: "unknown feature \"\(name)\"", at: reader.place(of: "features"),
                    remedy: suggestion(for: name, known: Feature.allCases.map(\.rawValue)))
            }
            return feature
        }
        guard !features.isEmpty else {
            throw reader.wrong("features", wanted: "at least one of hidden, logprobs")
        }
    }

    private mutating func readLoss(_ reader: ConfigurationReader) throws {
        pairs = try reader.double("pairs", default: pairs, in: 0...1000)
        margin = try reader.double("margin", default: margin, in: 0...1000)
        centre = try reader.double("centre", default: centre, in: 0...1000)
        pointwise = try reader.double("pointwise", default: pointwise, in: 0...1000)
        languageModel = try reader.double("language_model", default: languageModel, in: 0...1000)
        guard pairs + pointwise + (trainsVerdicts ? languageModel : 0) > 0 else {
            throw RefluxError(
                .usage, found: "the weights of both losses are 0", at: reader.place(of: "pairs"),
                wanted: "a positive weight \"pairs\" or \"pointwise\"")
        }
    }

    /// Whether the language-modelling loss teaches what is to be scored.
    private var trainsVerdicts: Bool { if case .verdict = form { true } else { false } }

    private mutating func readLength(_ reader: ConfigurationReader) throws {
        epochs = try reader.optionalDouble("epochs", in: 0...1e6)
        guard epochs == nil || !reader.contains("steps") else {
            throw reader.wrong("epochs", wanted: "either \"steps\" or \"epochs\"")
        }
        if epochs == nil { steps = try reader.int("steps", default: steps, in: 1...100_000_000) }
        batchPairs = try reader.int("batch_pairs", default: batchPairs, in: 1...100_000)
        checkpointEvery = try reader.int(
            "checkpoint_every", default: checkpointEvery, in: 1...Int.max)
    }

    private mutating func readUpdate(_ reader: ConfigurationReader) throws {
        learningRate = try reader.double("learning_rate", default: learningRate, in: 0...1)
        featureLearningRate = try reader.double(
            "feature_learning_rate", default: featureLearningRate, in: 0...1)
        warmupSteps = try reader.int("warmup_steps", default: warmupSteps)
        shape = try reader.choice("shape", default: shape)
        weightDecay = try reader.double("weight_decay", default: weightDecay, in: 0...1)
        maxGradientNorm = try reader.double("max_gradient_norm", default: maxGradientNorm)
        maxTokens = try reader.optionalInt("max_tokens", in: 2...Int.max)
        if reader.contains("gradient_checkpointing") {
            gradientCheckpointing = try reader.bool("gradient_checkpointing", default: false)
        }
    }
}

extension ImplicitScore {
    /// Reads the keys of the implicit form.
    init(_ reader: ConfigurationReader, preset: ImplicitScore) throws {
        self.init(
            beta: try reader.double("beta", default: preset.beta, in: 1e-6...1000),
            reference: try reader.bool("reference", default: preset.reference),
            isLengthNormalised: try reader.bool(
                "length_normalised", default: preset.isLengthNormalised))
    }
}

extension VerdictPrompt {
    /// Reads the keys of the verdict's question.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` for a question that does not hold the response, and
    ///   for words that are empty or equal.
    init(_ reader: ConfigurationReader, preset: VerdictPrompt) throws {
        self = preset
        template = try reader.string("template", default: template)
        guard template.contains("{response}") else {
            throw reader.wrong("template", wanted: "a text with the place {response}")
        }
        accept = try reader.string("accept", default: accept)
        reject = try reader.string("reject", default: reject)
        for (key, word) in [("accept", accept), ("reject", reject)] where word.isEmpty {
            throw reader.wrong(key, wanted: "a word")
        }
        guard accept != reject else {
            throw reader.wrong("reject", wanted: "another word than \"accept\"")
        }
        if reader.contains("form") { form = try reader.choice("form", default: .text) }
    }
}
