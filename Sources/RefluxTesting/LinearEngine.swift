import Foundation
public import RefluxCore

/// A tiny engine for tests: a bigram model over ``ToyTokenizer`` with a linear head, exact gradients
/// and AdamW in plain Swift. It learns within a few hundred steps of a few milliseconds.
///
/// It keeps every promise of ``LanguageModelEngine``; of the sampling settings it heeds temperature,
/// the limit of tokens and stop texts.
public actor LinearEngine: LanguageModelEngine {
    /// What the model is.
    public nonisolated let info: ModelInfo
    private let options: ModelOptions
    private var state: State
    private var collected: [Double]?

    /// Everything that ``save(to:)`` keeps.
    private struct State: Codable {
        var model: LinearModel
        var first: [Double]
        var second: [Double]
        var step = 0
    }

    /// Makes an engine whose model has the bigram statistics of a corpus (each pair counted from 1/8).
    ///
    /// - Parameters:
    ///   - name: the model's name.
    ///   - corpus: prompts with their finished responses; empty makes all tokens equally probable.
    ///   - options: how the model is opened.
    ///   - contextLength: the most tokens of a prompt with its response.
    public init(
        name: String = "linear", corpus: [(prompt: String, response: String)] = [],
        options: ModelOptions = ModelOptions(trainable: true), contextLength: Int = 256
    ) {
        let tokenizer = ToyTokenizer()
        var model = LinearModel(vocabularySize: tokenizer.vocabularySize)
        var counts = [Double](repeating: 0.125, count: model.headStart)
        for (prompt, response) in corpus {
            let tokens =
                tokenizer.encode(prompt, parseSpecial: false)
                + tokenizer.encodeResponse(response, finished: true)
            for (a, b) in zip(tokens, tokens.dropFirst()) {
                counts[Int(a) * model.vocabularySize + Int(b)] += 1
            }
        }
        for (index, count) in counts.enumerated() { model.parameters[index] = log(count) }
        self.init(name: name, model: model, options: options, contextLength: contextLength)
    }

    init(name: String, model: LinearModel, options: ModelOptions, contextLength: Int = 256) {
        var model = model
        if let head = options.head, head.initialDeviation > 0 {
            let key = RandomKey(seed: options.seed, stage: .prepare)
            for index in model.headStart..<model.parameters.count
            where model.parameters[index] == 0 {
                let uniform = key.uniform(at: index) - 0.5
                model.parameters[index] = head.initialDeviation * uniform * 12.0.squareRoot()
            }
        }
        let zeros = [Double](repeating: 0, count: model.parameters.count)
        self.options = options
        state = State(model: model, first: zeros, second: zeros)
        info = ModelInfo(
            name: name, architecture: "bigram", parameterCount: model.headStart,
            contextLength: contextLength, vocabularySize: model.vocabularySize,
            arithmetic: "f64 (Swift)")
    }

    /// The toy tokenizer.
    public nonisolated var tokenizer: any Tokenizer { ToyTokenizer() }

    /// The model as it is now.
    var model: LinearModel { state.model }

    /// Draws responses.
    public func sample(
        _ requests: [SampleRequest], finished: @escaping @Sendable () -> Void
    ) async throws -> [[SampledResponse]] {
        try requests.map { request in
            try check(TokenSequence(prompt: request.prompt, response: []), id: request.id)
            return (0..<request.count).map { index in
                defer { finished() }
                let key = request.key.with(sample: Int(request.key.sample) + index)
                return state.model.draw(request, key: key, limit: info.contextLength)
            }
        }
    }

    /// Reads given responses.
    public func logProbabilities(
        of batch: [TokenSequence], reading: TokenReading
    ) async throws -> TokenReadings {
        try check(batch, reading)
        return state.model.read(batch, reading)
    }

    /// Adds a gradient to those collected.
    @discardableResult
    public func accumulateGradient(
        of batch: [TokenSequence], reading: TokenReading,
        loss: @escaping @Sendable (TokenReadings) throws -> TokenGradients
    ) async throws -> TokenReadings {
        try check(batch, reading)
        guard options.trainable else {
            throw RefluxError(
                .internalFault, found: "\(info.name) was opened frozen",
                wanted: "a trainable model")
        }
        let readings = state.model.read(batch, reading)
        let gradients = try loss(readings)
        try Self.check(gradients, for: readings)
        let gradient = state.model.gradient(batch, reading, gradients)
        guard gradients.loss.isFinite, gradient.allSatisfy(\.isFinite) else {
            throw RefluxError(.numeric, found: "the loss or its gradient is not finite")
        }
        collected = collected.map { zip($0, gradient).map { $0 + $1 } } ?? gradient
        return readings
    }

    /// One step of AdamW; a row of logits counts as a matrix and decays, the head does not.
    @discardableResult
    public func applyUpdate(_ update: UpdateSettings) async throws -> UpdateReport {
        let gradient = collected ?? [Double](repeating: 0, count: state.first.count)
        collected = nil
        let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let clips = update.maxGradientNorm > 0 && norm > update.maxGradientNorm
        let scale = clips ? update.maxGradientNorm / norm : 1
        state.step += 1
        let correction1 = 1 - pow(update.beta1, Double(state.step))
        let correction2 = 1 - pow(update.beta2, Double(state.step))
        for index in gradient.indices {
            let isHead = index >= state.model.headStart
            let rate = (isHead ? update.headLearningRate : nil) ?? update.learningRate
            let g = gradient[index] * scale
            let first = update.beta1 * state.first[index] + (1 - update.beta1) * g
            let second = update.beta2 * state.second[index] + (1 - update.beta2) * g * g
            state.first[index] = first
            state.second[index] = second
            let decay = isHead ? 0 : update.weightDecay * state.model.parameters[index]
            let direction =
                first / correction1 / ((second / correction2).squareRoot() + update.epsilon)
            state.model.parameters[index] -= rate * (direction + decay)
        }
        return UpdateReport(gradientNorm: norm, step: state.step)
    }

    /// Writes `engine.json`.
    public func save(to folder: String) async throws {
        try write(state, to: "\(folder)/engine.json")
    }

    /// Reads `engine.json`.
    public func load(from folder: String) async throws {
        state = try JSONDecoder().decode(
            State.self, from: try Data(contentsOf: URL(filePath: "\(folder)/engine.json")))
        collected = nil
    }

    /// Writes `linear.json`, which ``LinearEngineProvider`` opens.
    public func exportModel(to folder: String) async throws {
        try write(state.model, to: "\(folder)/linear.json")
    }

    private func write(_ value: some Encodable, to path: String) throws {
        try JSONEncoder().encode(value).write(to: URL(filePath: path))
    }

    private func check(_ batch: [TokenSequence], _ reading: TokenReading) throws {
        for sequence in batch { try check(sequence, id: "a sequence") }
        guard reading.head == nil || options.head != nil else {
            throw RefluxError(
                .internalFault, found: "\(info.name) was opened without a head", wanted: "a head")
        }
    }

    private static func check(_ gradients: TokenGradients, for readings: TokenReadings) throws {
        let pairs = [
            (gradients.byLogProbability, readings.logProbabilities),
            (gradients.byEntropy, readings.entropies),
            (gradients.byHeadValue, readings.headValues),
        ]
        for (given, read) in pairs where !given.isEmpty && given.count != read.count {
            throw RefluxError(
                .internalFault, found: "\(given.count) derivatives for \(read.count) readings",
                wanted: "as many as were read, or none")
        }
    }

    private func check(_ sequence: TokenSequence, id: String) throws {
        let ids = 0..<Int32(info.vocabularySize)
        guard sequence.promptCount >= 1, sequence.tokens.allSatisfy(ids.contains),
            sequence.tokens.count <= info.contextLength
        else {
            throw RefluxError(
                .input, found: "\(id) has \(sequence.tokens.count) tokens or an unknown one",
                wanted: "1 to \(info.contextLength) tokens of the vocabulary")
        }
    }
}
