import RefluxCore
import Testing

@testable import RefluxEngine

/// Gradients of an adapter against central finite differences of the engine's own readings.
@Suite struct AdapterGradientTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let family: ModelConfiguration.Family
        let tied: Bool
        var settings: AdapterSettings
        let head: Bool
        var testDescription: String { "\(family.rawValue), \(settings.words)" }
    }

    static let cases = [
        Case(family: .llama, tied: true, settings: AdapterModel.shapes[0], head: true),
        Case(family: .qwen2, tied: false, settings: AdapterModel.shapes[1], head: false),
        Case(family: .qwen3, tied: true, settings: AdapterModel.shapes[2], head: true),
    ]

    /// With dropout, the training readings of one update, which its masks determine.
    @Test(arguments: cases, [0, 0.3])
    func everyMatrixHasTheGradientOfTheLoss(_ test: Case, _ dropout: Double) throws {
        var settings = test.settings
        settings.dropout = dropout
        let scorer = try AdapterModel.make(
            settings, TrainingModel.configuration(test.family, tied: test.tied),
            head: test.head ? .init(initialDeviation: 0.5) : nil, seed: 8)
        let reading = TokenReading(entropies: true, head: test.head ? .afterToken : nil)
        let batch = TrainingModel.batch()
        _ = try scorer.accumulate(batch, reading: reading, loss: TrainingModel.linearLoss)
        let adapter = try #require(scorer.model.adapter)
        let group = try #require(scorer.optimizer?.groups.first)
        #expect(group.parameters.count == adapter.layout.count)
        let gradient = Array(group.gradient)
        for entry in adapter.layout.entries {
            let range = entry.offset..<entry.offset + entry.count
            let direction = TrainingModel.weights(entry.count, seed: 7)
            let wanted = zip(direction, gradient[range])
                .reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            let found = try slope(scorer, batch, reading) { step in
                for (i, d) in zip(range, direction) { adapter.parameters[i] += step * d }
            }
            let size = gradient[range].reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
            #expect(size > 0, "\(entry.name)")
            #expect(
                abs(found - wanted) < 0.01 * abs(wanted) + 0.004 * size + 2e-3,
                "\(entry.name): \(found), gradient says \(wanted)")
        }
    }

    /// The slope of the training loss along a move, by central differences.
    private func slope(
        _ scorer: Scorer, _ batch: [TokenSequence], _ reading: TokenReading,
        move: (Float) -> Void
    ) throws -> Double {
        let step: Float = 1.0 / 512
        func loss(after change: Float) throws -> Double {
            move(change)
            scorer.model.refresh()
            scorer.beginUpdate()
            let readings = try scorer.accumulate(batch, reading: reading) { readings in
                TokenGradients(
                    loss: 0, byLogProbability: readings.logProbabilities.map { _ in 0 })
            }
            return TrainingModel.linearLoss(readings).loss
        }
        let above = try loss(after: step)
        let below = try loss(after: -2 * step)
        move(step)
        scorer.model.refresh()
        return (above - below) / Double(2 * step)
    }

    @Test func theHeadLearnsBesideAnAdapter() throws {
        let scorer = try AdapterModel.make(head: .init(detached: true, initialDeviation: 1))
        _ = try scorer.accumulate(
            TrainingModel.batch(), reading: TokenReading(head: .afterToken)
        ) { readings in
            TokenGradients(
                loss: 0, byLogProbability: [],
                byHeadValue: TrainingModel.weights(readings.headValues.count, seed: 1))
        }
        let groups = try #require(scorer.optimizer).groups
        #expect(groups.count == 2)
        #expect(groups[0].gradient.allSatisfy { $0 == 0 })
        #expect(groups[1].gradient.allSatisfy { $0 != 0 })
    }
}
