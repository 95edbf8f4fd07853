import Foundation
import RefluxCore

@testable import RefluxEngine

/// A tokenizer of bytes: id b is byte b, 256 ends a response, 257 is a special token `<|turn|>`,
/// the ids above are pairs of letters.
struct ByteTokenizer: Tokenizer {
    static let end: Int32 = 256
    static let turn: Int32 = 257
    static let pairs = ["EN", "ND", "D\n", "\n\n", "é "]

    let vocabularySize = 258 + ByteTokenizer.pairs.count
    var endTokens: Set<Int32> = [ByteTokenizer.end]

    func encode(_ text: String, parseSpecial: Bool) -> [Int32] {
        if parseSpecial, text == "<|turn|>" { return [Self.turn] }
        return text.utf8.map(Int32.init)
    }

    func decode(_ ids: [Int32], skipSpecial: Bool) -> String {
        let bytes = ids.flatMap { id -> [UInt8] in
            switch Int(id) {
            case ..<256: [UInt8(id)]
            case 256, 257: skipSpecial ? [] : Array("<|\(id)|>".utf8)
            default: Array(Self.pairs[Int(id) - 258].utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func encode(_ prompt: Prompt.Content) throws -> [Int32] { [] }

    func encodeResponse(_ text: String, finished: Bool) -> [Int32] {
        encode(text, parseSpecial: false) + (finished ? [Self.end] : [])
    }
}

/// A small random model.
enum TinyModel {
    static func configuration(
        heads: Int = 4, keyValueHeads: Int = 2, headWidth: Int = 8, bias: Bool = false,
        contextLength: Int = 128
    ) -> ModelConfiguration {
        ModelConfiguration(
            family: bias ? .qwen2 : .llama, layers: 2, width: 32, heads: heads,
            keyValueHeads: keyValueHeads, headWidth: headWidth, feedForward: 48,
            vocabularySize: ByteTokenizer().vocabularySize, contextLength: contextLength,
            ropeBase: 10_000, normEpsilon: 1e-5, tiedEmbeddings: true, attentionBias: bias)
    }

    static func make(
        _ configuration: ModelConfiguration = configuration(),
        precision: ModelOptions.Precision = .float32, seed: UInt64 = 3, deviation: Float = 0.3
    ) throws -> Transformer {
        let model = try Transformer(
            configuration, arithmetic: try Arithmetic.choose(precision), pool: ComputePool.shared,
            trainable: false)
        var stream = RandomKey(seed: seed, stage: .prepare).stream
        for entry in model.layout.entries {
            let isNorm = entry.name.contains("norm")
            for i in entry.offset..<(entry.offset + entry.count) {
                let value = Float.random(in: -1...1, using: &stream) * deviation
                model.parameters[i] = isNorm ? 1 + 0.1 * value : value
            }
        }
        model.refresh()
        return model
    }

    static func generator(
        _ model: Transformer, sequences: Int = 512, promptTokens: Int = 1024,
        cacheBytes: Int = 64 << 20
    ) -> Generator {
        var limits = GenerationLimits(cacheBytes: cacheBytes)
        limits.sequences = sequences
        limits.promptTokens = promptTokens
        return Generator(model: model, tokenizer: ByteTokenizer(), limits: limits)
    }

    static func request(
        _ text: String, _ settings: SamplingSettings, count: Int = 1, prompt: Int = 0,
        id: String = "p"
    ) -> SampleRequest {
        SampleRequest(
            id: id, prompt: ByteTokenizer().encode(text, parseSpecial: false), settings: settings,
            count: count, key: RandomKey(seed: 11, stage: .sample, prompt: prompt))
    }
}
