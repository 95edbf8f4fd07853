import Foundation
import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxEngine

/// Numbers against those of `transformers` 5.23.0 (Tests/Scripts/make_parity_fixtures.py).
struct ParityTests {
    static let models = [
        "llama_tied", "llama_untied", "llama3", "llama_linear", "mistral", "qwen2", "qwen2_untied",
        "qwen3",
    ]

    /// What `transformers` computed.
    struct Expected: Decodable {
        struct Sequence: Decodable { var tokens: [Int32], prompt: Int }
        struct Candidates: Decodable {
            var prompt: [Int32]
            var logProbabilities: [Float]
            enum CodingKeys: String, CodingKey {
                case prompt
                case logProbabilities = "log_probs"
            }
        }
        struct Greedy: Decodable { var prompt: [Int32], tokens: [Int32] }

        var sequences: [Sequence]
        var logProbabilities: [Float]
        var entropies: [Float]
        var byLogProbability: [Float]
        var byEntropy: [Float]
        var loss: Double
        var candidates: Candidates
        var greedy: [Greedy]

        enum CodingKeys: String, CodingKey {
            case sequences, entropies, loss, candidates, greedy
            case logProbabilities = "log_probs"
            case byLogProbability = "by_log_prob"
            case byEntropy = "by_entropy"
        }

        var batch: [TokenSequence] {
            sequences.map {
                TokenSequence(
                    prompt: Array($0.tokens.prefix($0.prompt)),
                    response: Array($0.tokens.dropFirst($0.prompt)))
            }
        }
    }

    private struct Opened {
        let scorer: Scorer
        let expected: Expected
        let folder: String
    }

    private func open(_ name: String, _ arithmetic: Arithmetic) throws -> Opened {
        let path = Fixture.path("parity_\(name)")
        let folder = try ModelFolder.open(path)
        let model = try Transformer(
            folder.configuration, arithmetic: arithmetic, pool: .shared, trainable: true)
        try folder.loadParameters(model.layout, into: model.parameters)
        model.refresh()
        return Opened(
            scorer: Scorer(model: model, head: nil, optimizer: try AdamW(model, head: nil)),
            expected: try Fixture.read(Expected.self, "parity_\(name)/expected.json"), folder: path)
    }

    /// The largest of |a - b| / (absolute + relative |b|): at most 1 is close enough.
    private func distance(
        _ a: some Collection<Float>, _ b: some Collection<Float>, absolute: Float, relative: Float
    ) -> Float {
        guard a.count == b.count else { return .infinity }
        return zip(a, b).reduce(0) { worst, pair in
            let ratio = abs(pair.0 - pair.1) / (absolute + relative * abs(pair.1))
            return ratio.isNaN ? .infinity : max(worst, ratio)
        }
    }

    @Test(arguments: models, Arithmetic.Library.usable)
    func readingsAreThoseOfTransformers(_ name: String, _ library: Arithmetic.Library) throws {
        let opened = try open(name, .choose(.float32, library: library))
        let readings = try opened.scorer.read(
            opened.expected.batch, reading: TokenReading(entropies: true))
        #expect(
            distance(
                readings.logProbabilities, opened.expected.logProbabilities, absolute: 1e-5,
                relative: 1e-4) <= 1)
        #expect(
            distance(
                readings.entropies, opened.expected.entropies, absolute: 1e-5, relative: 1e-4) <= 1)
    }

    /// log p of every token of the vocabulary at one place: the logits, up to a constant.
    @Test(arguments: models)
    func logitsAreThoseOfTransformers(_ name: String) throws {
        let opened = try open(name, .choose(.float32))
        let wanted = opened.expected.candidates
        let batch = wanted.logProbabilities.indices.map {
            TokenSequence(prompt: wanted.prompt, response: [Int32($0)])
        }
        let readings = try opened.scorer.read(batch, reading: TokenReading())
        #expect(
            distance(
                readings.logProbabilities, wanted.logProbabilities, absolute: 1e-5, relative: 1e-4)
                <= 1)
    }

    @Test(arguments: models, Arithmetic.Library.usable)
    func everyGradientIsThatOfTransformers(_ name: String, _ library: Arithmetic.Library) throws {
        let opened = try open(name, .choose(.float32, library: library))
        try accumulate(opened)
        try compareGradients(opened, times: 1, name)
    }

    @Test(arguments: models)
    func gradientsOfTwoCallsAdd(_ name: String) throws {
        let opened = try open(name, .choose(.float32))
        try accumulate(opened)
        try accumulate(opened)
        try compareGradients(opened, times: 2, name)
    }

    private func accumulate(_ opened: Opened) throws {
        let expected = opened.expected
        _ = try opened.scorer.accumulate(
            expected.batch, reading: TokenReading(entropies: true)
        ) { readings in
            let loss =
                zip(readings.logProbabilities, expected.byLogProbability)
                .reduce(0) { $0 + Double($1.0) * Double($1.1) }
                + zip(readings.entropies, expected.byEntropy)
                .reduce(0) { $0 + Double($1.0) * Double($1.1) }
            #expect(abs(loss - expected.loss) <= 1e-4 * abs(expected.loss))
            return TokenGradients(
                loss: loss, byLogProbability: expected.byLogProbability,
                byEntropy: expected.byEntropy)
        }
    }

    private func compareGradients(_ opened: Opened, times: Float, _ name: String) throws {
        let file = try SafetensorsFile("\(opened.folder)/gradients.safetensors")
        let gradient = try #require(opened.scorer.optimizer?.groups.first?.gradient)
        let layout = opened.scorer.model.layout
        #expect(Set(file.names) == Set(layout.entries.map(\.name)))
        for entry in layout.entries {
            let wanted = try file.read(entry.name).values.map { $0 * times }
            let own = gradient[entry.offset..<entry.offset + entry.count]
            // Small elements are sums of large terms that cancel: their error is measured by the
            // parameter's largest element.
            let largest = wanted.reduce(0) { max($0, abs($1)) }
            #expect(
                distance(own, wanted, absolute: 2e-5 * largest, relative: 1e-4) <= 1,
                "\(name) \(entry.name)")
        }
    }

    /// The products of bfloat16 factors: 8 bits each, sums in float.
    @Test(.enabled(if: Arithmetic.hasBFloat16), arguments: models)
    func bfloat16ReadingsAreNear(_ name: String) throws {
        let opened = try open(name, .choose(.bfloat16))
        let readings = try opened.scorer.read(
            opened.expected.batch, reading: TokenReading(entropies: true))
        #expect(
            distance(
                readings.logProbabilities, opened.expected.logProbabilities, absolute: 0.1,
                relative: 0.03) <= 1)
    }
}
