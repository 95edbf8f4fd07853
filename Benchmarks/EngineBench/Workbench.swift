import Foundation
import RefluxCore
import RefluxEngine
import RefluxOptimizers
import Synchronization

/// Does what the driver asks with the native engine.
actor Workbench {
    private var engine: (any LanguageModelEngine)?
    private var step = 0
    private let clock = ContinuousClock()

    func perform(_ command: Command) async throws -> Answer {
        switch command.work {
        case .open: return try await open(command)
        case .sft: return try await fineTune(command)
        case .sample: return try await sample(command)
        case .read: return try await read(command)
        case .grpo: return try await reinforce(command)
        case .encode: return try encode(command)
        case .quit: return Answer(seconds: 0)
        }
    }

    private func open(_ command: Command) async throws -> Answer {
        let start = clock.now
        let precision = ModelOptions.Precision(rawValue: command.precision ?? "auto")
        let opened = try await NativeEngineProvider(library: command.library).open(
            try command.wanted(command.path, "path"),
            options: ModelOptions(
                precision: precision ?? .automatic,
                samplingPrecision: command.samplingPrecision.flatMap(
                    ModelOptions.Precision.init(rawValue:)),
                trainable: command.trainable ?? false,
                gradientCheckpointing: command.gradientCheckpointing ?? false,
                adapter: command.adapterRank.map {
                    AdapterSettings(rank: $0, alpha: Double(2 * $0))
                }))
        engine = opened
        return Answer(seconds: start.elapsed, arithmetic: opened.info.arithmetic)
    }

    /// One step of supervised fine-tuning on whole sequences: every token but the first is predicted.
    private func fineTune(_ command: Command) async throws -> Answer {
        let engine = try command.wanted(engine, "open")
        let batch = try command.wanted(command.sequences, "sequences").map {
            TokenSequence(prompt: [$0[0]], response: Array($0.dropFirst()))
        }
        let count = batch.reduce(0) { $0 + $1.responseCount }
        let start = clock.now
        let readings = try await engine.accumulateGradient(of: batch, reading: TokenReading()) {
            readings in
            let weight = -1 / Float(count)
            return TokenGradients(
                loss: Self.meanLoss(readings),
                byLogProbability: [Float](repeating: weight, count: count))
        }
        try await engine.applyUpdate(update(command))
        return Answer(
            seconds: start.elapsed, tokens: batch.reduce(0) { $0 + $1.tokens.count },
            loss: Self.meanLoss(readings))
    }

    private func sample(_ command: Command) async throws -> Answer {
        let engine = try command.wanted(engine, "open")
        let requests = try requests(command)
        let start = clock.now
        let drawn = try await engine.sample(requests).flatMap(\.self)
        return Answer(
            seconds: start.elapsed, tokens: drawn.reduce(0) { $0 + $1.tokens.count },
            sequences: drawn.map(\.tokens), logProbabilities: drawn.flatMap(\.logProbabilities))
    }

    /// The log-probabilities of whole sequences: of every token but the first.
    private func read(_ command: Command) async throws -> Answer {
        let engine = try command.wanted(engine, "open")
        let batch = try command.wanted(command.sequences, "sequences").map {
            TokenSequence(prompt: [$0[0]], response: Array($0.dropFirst()))
        }
        let start = clock.now
        let readings = try await engine.logProbabilities(of: batch, reading: TokenReading())
        return Answer(
            seconds: start.elapsed, tokens: batch.reduce(0) { $0 + $1.tokens.count },
            loss: Self.meanLoss(readings), logProbabilities: readings.logProbabilities)
    }

    /// One step of GRPO: draw and update, of which the log-probabilities before the update are a
    /// part, as they are in a run. The reward is the share of even
    /// token ids, so that groups differ and both sides can compute it. The tokens are those that were
    /// asked for: responses may end early, on both sides.
    private func reinforce(_ command: Command) async throws -> Answer {
        let engine = try command.wanted(engine, "open")
        var settings = GroupRelativePolicySettings()
        // Without a reference, as the peer does by default.
        settings.divergenceCoefficient = 0
        let optimizer = GroupRelativePolicyOptimizer(settings: settings)
        let requests = try requests(command)
        step += 1
        let start = clock.now
        let drawn = try await engine.sample(requests)
        let sampled = start.elapsed
        let sequences = zip(requests, drawn).flatMap { request, responses in
            responses.map { TokenSequence(prompt: request.prompt, response: $0.tokens) }
        }
        let parts = split(sequences, limit: command.microBatch ?? 4096)
        let offsets = sequences.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.responseCount) }
        let rewards = drawn.flatMap { $0 }.map { response in
            Double(response.tokens.count { $0.isMultiple(of: 2) })
                / Double(max(1, response.tokens.count))
        }
        let batch = RolloutBatch(
            offsets: offsets,
            groups: drawn.indices.flatMap { [Int](repeating: $0, count: drawn[$0].count) },
            rewards: rewards,
            oldLogProbabilities: drawn.flatMap { $0 }.flatMap(\.logProbabilities))
        let advantages = try optimizer.advantages(for: batch).advantages
        let total = Mutex(0.0)
        for part in parts {
            let tokens = offsets[part.lowerBound]..<offsets[part.upperBound]
            try await engine.accumulateGradient(
                of: Array(sequences[part]), reading: TokenReading()
            ) { readings in
                // Truncated importance sampling, as in a run.
                let weighted = tokens.map {
                    let now = readings.logProbabilities[$0 - tokens.lowerBound]
                    return advantages[$0] * min(2, exp(now - batch.oldLogProbabilities[$0]))
                }
                let loss = try optimizer.loss(
                    for: PolicyLossBatch(
                        offsets: readings.offsets, logProbabilities: readings.logProbabilities,
                        oldLogProbabilities: readings.logProbabilities,
                        advantages: weighted,
                        totalTokens: batch.tokenCount, totalSequences: sequences.count))
                total.withLock { $0 += loss.value }
                return TokenGradients(
                    loss: loss.value, byLogProbability: loss.byLogProbability)
            }
        }
        try await engine.applyUpdate(update(command))
        let end = start.elapsed
        return Answer(
            seconds: end, tokens: requests.reduce(0) { $0 + $1.count * $1.settings.maxTokens },
            loss: total.withLock { $0 },
            parts: ["sample": sampled, "update": end - sampled])
    }

    private func encode(_ command: Command) throws -> Answer {
        let engine = try command.wanted(engine, "open")
        let text = try String(contentsOfFile: command.wanted(command.path, "path"), encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let start = clock.now
        let encoded = lines.map { engine.tokenizer.encode($0, parseSpecial: false) }
        let seconds = start.elapsed
        return Answer(
            seconds: seconds, tokens: encoded.reduce(0) { $0 + $1.count }, sequences: encoded)
    }

    private func requests(_ command: Command) throws -> [SampleRequest] {
        let settings = SamplingSettings(
            temperature: command.temperature ?? 0, maxTokens: command.tokens ?? 128)
        return try command.wanted(command.sequences, "sequences").enumerated().map {
            index, prompt in
            SampleRequest(
                id: "prompt \(index)", prompt: prompt, settings: settings,
                count: command.samples ?? 1,
                key: RandomKey(
                    seed: command.seed ?? 1, stage: .reinforce, step: step, prompt: index))
        }
    }

    private func update(_ command: Command) -> UpdateSettings {
        UpdateSettings(
            learningRate: command.learningRate ?? 1e-5, beta2: 0.999, maxGradientNorm: 1)
    }

    private static func meanLoss(_ readings: TokenReadings) -> Double {
        -readings.logProbabilities.reduce(0.0) { $0 + Double($1) }
            / Double(max(1, readings.logProbabilities.count))
    }
}

/// Runs of consecutive sequences of at most `limit` tokens.
private func split(_ sequences: [TokenSequence], limit: Int) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var (first, tokens) = (0, 0)
    for (index, sequence) in sequences.enumerated() {
        if index > first, tokens + sequence.tokens.count > limit {
            parts.append(first..<index)
            (first, tokens) = (index, 0)
        }
        tokens += sequence.tokens.count
    }
    return parts + [first..<sequences.count]
}

extension ContinuousClock.Instant {
    fileprivate var elapsed: Double {
        let (seconds, attoseconds) = (ContinuousClock.now - self).components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}

extension Command {
    fileprivate func wanted<Value>(_ value: Value?, _ name: String) throws -> Value {
        guard let value else {
            throw RefluxError(.usage, found: "\(work) without \(name)")
        }
        return value
    }
}
