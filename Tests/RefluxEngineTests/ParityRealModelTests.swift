import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxEngine

/// Real models against `transformers` 5.23.0, where Examples/fetch_models.py has written them.
struct ParityRealModelTests {
    struct Expected: Decodable {
        struct Model: Decodable {
            var prompt: [Int32]
            var answer: [Int32]
            var logProbabilities: [Float]

            enum CodingKeys: String, CodingKey {
                case prompt, answer
                case logProbabilities = "log_probs"
            }
        }

        var question: String
        var text: String
        var models: [String: Model]
    }

    static let models = ["smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct"]
        .filter(RealFiles.hasModel)

    @Test(.enabled(if: !models.isEmpty, "optional: real models"), arguments: models)
    func anAnswerInAChatIsAsProbableAsInTransformers(_ name: String) throws {
        let expected = try Fixture.read(Expected.self, "parity_real.json")
        let wanted = try #require(expected.models[name])
        let folder = try ModelFolder.open("\(RealFiles.models)/\(name)")
        let prompt = try folder.tokenizer.encode(.chat([ChatMessage(.user, expected.question)]))
        let answer = folder.tokenizer.encodeResponse(expected.text, finished: true)
        #expect(prompt == wanted.prompt)
        #expect(answer == wanted.answer)

        let model = try Transformer(
            folder.configuration, arithmetic: try .choose(.float32), pool: .shared,
            trainable: false)
        #expect(try folder.loadParameters(model.layout, into: model.parameters).isEmpty)
        model.refresh()
        let own = try Scorer(model: model, head: nil, optimizer: nil).read(
            [TokenSequence(prompt: prompt, response: answer)], reading: TokenReading())
        for (a, b) in zip(own.logProbabilities, wanted.logProbabilities) {
            #expect(abs(a - b) <= 1e-3 + 1e-3 * abs(b))
        }
    }
}
