import RefluxCore
import Testing

@testable import RefluxEngine

@Suite struct TrainingAdamWTests {
    /// Three steps of torch 2.13's AdamW (lr .01, betas .9 and .95, eps 1e-8, weight decay .1 for
    /// the first four numbers and none for the last two) after clip_grad_norm_ at 1.
    private static let steps: [(gradient: [Float], norm: Double, parameters: [Float])] = [
        (
            [0.3, -0.2, 0.1, 0, 0.05, -0.4], 0.550000011920929,
            [0.48950002, -1.23875, 1.988, 0.0999, 0.99, -0.49]
        ),
        (
            [3, -2, 1, 0.5, -1, 0.25], 3.913118839263916,
            [0.47972497, -1.2282257, 1.9767265, 0.0924505, 0.9959482, -0.48449138]
        ),
        (
            [-0.1, 0.7, 0.02, 1e-4, 0, 0.3], 0.7683749198913574,
            [0.47280413, -1.22755, 1.9670334, 0.08659833, 1.0006056, -0.48491907]
        ),
    ]

    @Test func stepsAreThoseOfTorch() throws {
        let scorer = try TrainingModel.make()
        let optimizer = try #require(scorer.optimizer)
        let layout = scorer.model.layout
        let group = optimizer.groups[0]
        // Four numbers of a matrix, which is decayed, and two of a norm, which is not.
        let places =
            (0..<4).map { layout.layers[0].output + $0 }
            + (0..<2).map { layout.finalNorm + $0 }
        for (place, value) in zip(places, [0.5, -1.25, 2, 0.1, 1, -0.5] as [Float]) {
            group.parameters[place] = value
        }
        let update = UpdateSettings(
            learningRate: 0.01, weightDecay: 0.1, maxGradientNorm: 1)
        for (index, step) in Self.steps.enumerated() {
            for (place, value) in zip(places, step.gradient) { group.gradient[place] = value }
            let report = try optimizer.apply(update)
            #expect(report.step == index + 1)
            #expect(abs(report.gradientNorm - step.norm) < 1e-6)
            for (place, wanted) in zip(places, step.parameters) {
                #expect(abs(group.parameters[place] - wanted) < 3e-7)
            }
            #expect(group.gradient.allSatisfy { $0 == 0 })
        }
    }

    @Test func theHeadHasALearningRateOfItsOwn() throws {
        let scorer = try TrainingModel.make(head: .init(initialDeviation: 1))
        let optimizer = try #require(scorer.optimizer)
        let before = optimizer.groups.map { Array($0.parameters) }
        for group in optimizer.groups { group.gradient.update(repeating: 1) }
        _ = try optimizer.apply(
            UpdateSettings(learningRate: 0, headLearningRate: 0.5, maxGradientNorm: 0))
        #expect(Array(optimizer.groups[0].parameters) == before[0])
        for (now, then) in zip(optimizer.groups[1].parameters, before[1]) {
            // The first step is one learning rate long, whatever the gradient.
            #expect(abs(now - (then - 0.5)) < 1e-5)
        }
    }

    @Test(arguments: [Float.nan, .infinity])
    func aGradientThatIsNotFiniteChangesNothing(_ bad: Float) throws {
        let scorer = try TrainingModel.make()
        let optimizer = try #require(scorer.optimizer)
        let before = Array(scorer.model.parameters)
        optimizer.groups[0].gradient[17] = bad
        let error = #expect(throws: RefluxError.self) {
            try optimizer.apply(UpdateSettings(learningRate: 0.1))
        }
        #expect(error?.kind == .numeric)
        #expect(Array(scorer.model.parameters) == before)
        #expect(optimizer.step == 0)
        #expect(optimizer.groups[0].gradient.allSatisfy { $0 == 0 })
        #expect(optimizer.groups[0].first.allSatisfy { $0 == 0 })
    }
}
