import RefluxCore
import Testing

@testable import RefluxEngine

@Suite struct TrainingRefusalTests {
    @Test func aLossThatIsNotFiniteIsRefusedAndForgetsTheGradient() throws {
        let scorer = try TrainingModel.make()
        let batch = TrainingModel.batch()
        func accumulate(_ loss: Double, _ derivative: Float) throws {
            _ = try scorer.accumulate(batch, reading: TokenReading()) { readings in
                TokenGradients(
                    loss: loss,
                    byLogProbability: readings.logProbabilities.map { _ in derivative })
            }
        }
        for (loss, derivative) in [(Double.nan, Float(1)), (1, .infinity)] {
            try accumulate(1, 1)
            #expect(TrainingModel.gradient(scorer).contains { $0 != 0 })
            let error = #expect(throws: RefluxError.self) { try accumulate(loss, derivative) }
            #expect(error?.kind == .numeric)
            #expect(TrainingModel.gradient(scorer).allSatisfy { $0 == 0 })
        }
    }

    @Test func divergedWeightsAreNamed() throws {
        let scorer = try TrainingModel.make()
        scorer.model.parameters[scorer.model.layout.finalNorm] = .nan
        scorer.model.refresh()
        let error = #expect(throws: RefluxError.self) {
            try scorer.read(TrainingModel.batch(), reading: TokenReading())
        }
        #expect(error?.kind == .numeric)
    }

    @Test func aHeadThatIsNotThereIsNamed() throws {
        let scorer = try TrainingModel.make()
        let error = #expect(throws: RefluxError.self) {
            try scorer.read(TrainingModel.batch(), reading: TokenReading(head: .afterToken))
        }
        #expect(error?.kind == .usage)
    }

    @Test(arguments: [
        (TokenSequence(prompt: [], response: [1]), "0 prompt tokens of 1"),
        (TokenSequence(prompt: [1, 50], response: []), "the token 50"),
        (TokenSequence(prompt: [1], response: [-1]), "the token -1"),
        (
            TokenSequence(prompt: [Int32](repeating: 1, count: 60), response: [1, 2, 3, 4, 5]),
            "65 tokens, 60 of them its prompt"
        ),
    ])
    func aSequenceThatDoesNotFitIsNamed(_ sequence: TokenSequence, _ found: String) throws {
        let good = TrainingModel.batch([(1, 1)])
        let error = #expect(throws: RefluxError.self) {
            try PackedBatch(good + [sequence], for: TrainingModel.configuration())
        }
        #expect(error?.kind == .input)
        #expect(error?.found == "sequence 1 of the batch has \(found)")
    }

    @Test func wrongCountsOfDerivativesAreRefused() throws {
        let scorer = try TrainingModel.make()
        #expect(throws: RefluxError.self) {
            try scorer.accumulate(TrainingModel.batch(), reading: TokenReading()) { _ in
                TokenGradients(loss: 0, byLogProbability: [1, 2])
            }
        }
    }
}
