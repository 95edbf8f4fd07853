import RefluxCore
import Testing

@testable import RefluxEngine

/// The generator and the scoring path compute the same model in different orders: one token at a
/// time over a cache, and whole sequences at once.
@Suite struct GenerationScoringTests {
    static func largestDifference(
        _ model: Transformer, _ settings: SamplingSettings
    ) throws -> Float {
        let requests = GenerationTests.requests(settings)
        let responses = try TinyModel.generator(model).sample(requests, finished: {})
        var sequences: [TokenSequence] = []
        var drawn: [Float] = []
        for (request, group) in zip(requests, responses) {
            for response in group {
                sequences.append(TokenSequence(prompt: request.prompt, response: response.tokens))
                drawn += response.logProbabilities
            }
        }
        let read = try Scorer(model: model, head: nil, optimizer: nil)
            .read(sequences, reading: TokenReading())
        #expect(read.logProbabilities.count == drawn.count)
        return zip(read.logProbabilities, drawn).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    @Test(
        "log-probabilities that come with samples are those that scoring reads",
        arguments: [
            SamplingSettings(maxTokens: 30), SamplingSettings(temperature: 0.7, maxTokens: 30),
            SamplingSettings(topK: 20, topP: 0.9, minP: 0.02, maxTokens: 30),
            SamplingSettings.greedy(maxTokens: 30),
        ])
    func agreement(_ settings: SamplingSettings) throws {
        #expect(try Self.largestDifference(try TinyModel.make(), settings) < 1e-4)
    }

    @Test("in bf16 they differ by rounding", .enabled(if: Arithmetic.hasBFloat16))
    func agreementInBFloat16() throws {
        let model = try TinyModel.make(precision: .bfloat16)
        #expect(try Self.largestDifference(model, SamplingSettings(maxTokens: 30)) < 5e-2)
    }

    @Test("no token is likelier by the scoring path than the greedy one")
    func greedy() throws {
        let model = try TinyModel.make()
        let request = TinyModel.request("Which", .greedy(maxTokens: 12))
        let tokens = try TinyModel.generator(model).sample([request], finished: {})[0][0].tokens
        let scorer = Scorer(model: model, head: nil, optimizer: nil)
        for count in tokens.indices {
            let others = (0..<Int32(model.configuration.vocabularySize)).map {
                TokenSequence(prompt: request.prompt + tokens[..<count], response: [$0])
            }
            let read = try scorer.read(others, reading: TokenReading()).logProbabilities
            #expect(read[Int(tokens[count])] == read.max())
        }
    }
}
