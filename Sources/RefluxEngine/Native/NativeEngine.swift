import RefluxCore

/// The engine that computes on this machine's processor: a model folder, opened.
///
/// All of its work runs on ``ComputeThread``, which spreads it over the pool. Packed copies of the
/// weights are renewed once after each update, before the next product needs them.
actor NativeEngine: LanguageModelEngine {
    nonisolated let info: ModelInfo
    nonisolated let tokenizer: any Tokenizer

    private let folder: ModelFolder
    /// The weights, which other engines may share when they are frozen, and the adapter.
    nonisolated let model: Transformer
    /// What responses are drawn from: the model, or its parameters in another arithmetic.
    private let sampler: Transformer
    private let scorer: Scorer
    /// What is kept between the turns of a conversation.
    private var conversation: ConversationCache?

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        ComputeThread.shared.asUnownedSerialExecutor()
    }

    /// Opens a folder.
    ///
    /// - Throws: ``RefluxError``: kind `input` for the folder's files, `usage` for a precision that
    ///   the library or a trained model lacks or an adapter of another shape, `system` when memory is short.
    init(
        _ path: String, options: ModelOptions, bodies: FrozenBodies, library: Arithmetic.Library?,
        pool: ComputePool
    ) throws {
        let folder = try ModelFolder.open(path)
        let arithmetic = try Arithmetic.choose(options.precision, library: library)
        guard !options.trainable || !arithmetic.hasInt8Weights else {
            throw RefluxError(
                .usage, found: "8-bit weights were asked of a model that is to be trained",
                at: SourceLocation(path: path), wanted: "auto, f32 or bf16",
                remedy: "Ask for one of those; int8 is for teachers, judges and evaluation.")
        }
        let opened = OpenedModel(folder: folder, options: options, arithmetic: arithmetic)
        let model = try opened.transformer(bodies: bodies, pool: pool)
        let drawing = try options.samplingPrecision.map {
            try Arithmetic.choose($0, library: library)
        }
        sampler = try opened.sampler(of: model, in: drawing ?? arithmetic, bodies: bodies)
        let head = try options.head.map {
            try ScalarHead(width: folder.configuration.width, options: $0, seed: options.seed)
        }
        if let head { try head.loadIfPresent(from: path) }
        self.folder = folder
        self.model = model
        scorer = Scorer(
            model: model, head: head,
            optimizer: options.trainable ? try AdamW(model, head: head) : nil,
            keeping: options.gradientCheckpointing ? .inputs : .everything, seed: options.seed)
        tokenizer = folder.tokenizer
        info = ModelInfo(
            name: path, architecture: folder.configuration.family.rawValue,
            parameterCount: model.layout.count,
            adapterParameterCount: model.adapter?.layout.count,
            contextLength: folder.configuration.contextLength,
            vocabularySize: folder.configuration.vocabularySize,
            arithmetic: sampler === model
                ? "\(arithmetic)" : "\(arithmetic), responses in \(sampler.arithmetic)")
    }

    func sample(
        _ requests: [SampleRequest], finished: @escaping @Sendable () -> Void
    ) async throws -> [[SampledResponse]] {
        sampler.pack()
        let responses = try Generator(model: sampler, tokenizer: tokenizer)
            .sample(requests, finished: finished)
        try Product.throwFailure()
        return responses
    }

    func stream(
        _ request: SampleRequest, drawn: @escaping @Sendable (_ token: Int32) -> Void
    ) async throws -> SampledResponse {
        sampler.pack()
        let kept = conversation ?? ConversationCache(sampler)
        conversation = kept
        var request = request
        request.count = 1
        let responses = try Generator(model: sampler, tokenizer: tokenizer)
            .sample([request], finished: {}, drawn: drawn, in: kept)
        try Product.throwFailure()
        guard let response = responses.first?.first else {
            throw RefluxError(.internalFault, found: "no response to \"\(request.id)\"")
        }
        return response
    }

    func logProbabilities(
        of batch: [TokenSequence], reading: TokenReading
    ) async throws -> TokenReadings {
        model.pack()
        return try scorer.read(batch, reading: reading)
    }

    @discardableResult
    func accumulateGradient(
        of batch: [TokenSequence], reading: TokenReading,
        loss: @escaping @Sendable (TokenReadings) throws -> TokenGradients
    ) async throws -> TokenReadings {
        if model.adapter != nil { try model.prepareBackward() }
        model.pack()
        return try scorer.accumulate(batch, reading: reading, loss: loss)
    }

    @discardableResult
    func applyUpdate(_ update: UpdateSettings) async throws -> UpdateReport {
        guard let optimizer = scorer.optimizer else {
            throw RefluxError(
                .usage, found: "an update was asked of a model that was opened as frozen",
                remedy: "Open it with trainable: true.")
        }
        let report = try optimizer.apply(update)
        weightsChanged()
        return report
    }

    func save(to folder: String) async throws {
        try TrainingState.save(model, scorer.head, scorer.optimizer, to: folder)
    }

    func load(from folder: String) async throws {
        weightsChanged()
        try TrainingState.load(model, scorer.head, scorer.optimizer, from: folder)
    }

    func exportModel(to folder: String) async throws {
        if let adapter = model.adapter {
            try AdapterFolder.write(to: folder, adapter, base: self.folder.path)
            if let own = self.folder.adapter, own.hasTokenizer {
                try ModelFolder.copyTokenizerFiles(from: own.path, to: folder)
            }
        } else {
            try ModelFolder.write(
                to: folder, configuration: model.configuration, layout: model.layout,
                parameters: UnsafeBufferPointer(model.parameters),
                copyingTokenizerFrom: self.folder.path, dtype: .float32)
        }
        try scorer.head?.write(to: folder)
    }

    /// Drops what was computed from other weights.
    private func weightsChanged() {
        scorer.beginUpdate()
        model.invalidate()
        sampler.invalidate()
        conversation = nil
    }
}
