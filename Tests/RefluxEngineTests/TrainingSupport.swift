import RefluxCore

@testable import RefluxEngine

/// Small trainable models with random weights, and batches for them.
enum TrainingModel {
    static func configuration(
        _ family: ModelConfiguration.Family = .llama, tied: Bool = true, layers: Int = 2
    ) -> ModelConfiguration {
        ModelConfiguration(
            family: family, layers: layers, width: 24, heads: 4, keyValueHeads: 2, headWidth: 6,
            feedForward: 40, vocabularySize: 50, contextLength: 64, ropeBase: 100,
            normEpsilon: 1e-5, tiedEmbeddings: tied, attentionBias: family == .qwen2)
    }

    /// A model with everything that training needs.
    static func make(
        _ configuration: ModelConfiguration = configuration(),
        precision: ModelOptions.Precision = .float32, library: Arithmetic.Library? = nil,
        threads: Int = 2, head: ModelOptions.Head? = nil, deviation: Float = 0.5,
        keeping extent: TapeExtent = .everything
    ) throws -> Scorer {
        let arithmetic = try Arithmetic.choose(precision, library: library)
        let model = try Transformer(
            configuration, arithmetic: arithmetic, pool: ComputePool(threads: threads),
            trainable: true)
        var stream = RandomKey(seed: 9, stage: .prepare).stream
        for entry in model.layout.entries {
            let isNorm = entry.name.hasSuffix("norm.weight")
            for i in 0..<entry.count {
                let number = Float.random(in: -1...1, using: &stream) * deviation
                model.parameters[entry.offset + i] = isNorm ? 1 + number : number
            }
        }
        model.refresh()
        let scalar = try head.map {
            try ScalarHead(width: configuration.width, options: $0, seed: 4)
        }
        return Scorer(
            model: model, head: scalar, optimizer: try AdamW(model, head: scalar),
            keeping: extent)
    }

    /// Sequences of given prompt and response lengths.
    static func batch(
        _ lengths: [(Int, Int)] = [(3, 5), (1, 7), (4, 0), (2, 9), (6, 1)], seed: UInt64 = 1,
        vocabulary: Int32 = 50
    ) -> [TokenSequence] {
        var stream = RandomKey(seed: seed, stage: .generate).stream
        return lengths.map { prompt, response in
            let tokens = (0..<prompt + response).map { _ in
                Int32.random(in: 0..<vocabulary, using: &stream)
            }
            return TokenSequence(
                prompt: Array(tokens[..<prompt]), response: Array(tokens[prompt...]))
        }
    }

    /// Sequences of several responses to each prompt: the length of a prompt, those of its responses.
    static func group(_ lengths: [(Int, [Int])] = groups, seed: UInt64 = 1) -> [TokenSequence] {
        lengths.enumerated().flatMap { index, lengths in
            let prompt = batch([(lengths.0, 0)], seed: seed &+ UInt64(100 * index))[0].tokens
            return batch(lengths.1.map { (1, $0) }, seed: seed &+ UInt64(100 * index + 1)).map {
                TokenSequence(prompt: prompt, response: Array($0.tokens.dropFirst()))
            }
        }
    }

    /// Around the block of queries of the attention (24), without a response, of one token, one
    /// sequence alone, and one prompt (30) with more targets than a block of the head has (128).
    static let groups = [
        (30, [20, 0, 1, 33, 17, 31, 20, 20, 20, 20]), (1, [5, 0, 1, 16]), (7, [3, 9, 4]), (7, [4]),
        (24, [24, 25]), (5, [0, 0]),
    ]

    /// The gradient collected so far: the body's, then the head's.
    static func gradient(_ scorer: Scorer) -> [Float] {
        scorer.optimizer?.groups.flatMap { Array($0.gradient) } ?? []
    }

    /// Fixed weights of a linear loss, between -1 and 1.
    static func weights(_ count: Int, seed: UInt64) -> [Float] {
        var stream = RandomKey(seed: seed, stage: .label).stream
        return (0..<count).map { _ in Float.random(in: -1...1, using: &stream) }
    }

    /// A loss that is linear in everything that was read, with its derivatives.
    static func linearLoss(_ readings: TokenReadings) -> TokenGradients {
        let log = weights(readings.logProbabilities.count, seed: 1)
        let entropy = weights(readings.entropies.count, seed: 2)
        let value = weights(readings.headValues.count, seed: 3)
        let terms = [
            (log, readings.logProbabilities), (entropy, readings.entropies),
            (value, readings.headValues),
        ]
        let loss = terms.reduce(0.0) { sum, term in
            zip(term.0, term.1).reduce(sum) { $0 + Double($1.0) * Double($1.1) }
        }
        return TokenGradients(
            loss: loss, byLogProbability: log, byEntropy: entropy, byHeadValue: value)
    }
}

/// The largest difference of two arrays, relative to the largest number of the second.
func largestDifference(_ a: [Float], _ b: [Float]) -> Double {
    guard a.count == b.count else { return .infinity }
    let scale = b.map { abs($0) }.max() ?? 0
    let difference = zip(a, b).map { abs($0 - $1) }.max() ?? 0
    return Double(difference) / Double(max(scale, .leastNormalMagnitude))
}
