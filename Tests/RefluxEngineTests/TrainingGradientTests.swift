import RefluxCore
import Testing

@testable import RefluxEngine

/// Whole-model gradients against central finite differences of the engine's own readings.
@Suite struct TrainingGradientTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let family: ModelConfiguration.Family
        let tied: Bool
        let reading: TokenReading
        var testDescription: String { "\(family.rawValue), tied \(tied), \(reading)" }
    }

    static let cases = [
        Case(family: .llama, tied: true, reading: TokenReading()),
        Case(family: .qwen2, tied: false, reading: TokenReading(entropies: true)),
        Case(family: .llama, tied: false, reading: TokenReading(head: .afterToken)),
        Case(
            family: .qwen2, tied: true,
            reading: TokenReading(entropies: true, head: .beforeToken)),
    ]

    /// Every parameter array is moved along a random direction; the loss must change as its
    /// gradient says.
    @Test(arguments: cases, [TrainingModel.batch(), TrainingModel.group()])
    func everyParameterHasTheGradientOfTheLoss(_ test: Case, _ batch: [TokenSequence]) throws {
        let head: ModelOptions.Head? =
            test.reading.head == nil ? nil : .init(initialDeviation: 0.5)
        let scorer = try TrainingModel.make(
            TrainingModel.configuration(test.family, tied: test.tied), head: head)
        _ = try scorer.accumulate(
            batch, reading: test.reading, loss: TrainingModel.linearLoss)
        let groups = try #require(scorer.optimizer).groups
        for (group, entries) in zip(groups, try entries(scorer)) {
            for entry in entries {
                let range = entry.offset..<entry.offset + entry.count
                let direction = TrainingModel.weights(entry.count, seed: 7)
                let wanted = zip(direction, group.gradient[range])
                    .reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
                let found = try slope(scorer, batch, test.reading) { step in
                    for (i, d) in zip(range, direction) { group.parameters[i] += step * d }
                }
                let size = group.gradient[range].reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
                #expect(
                    abs(found - wanted) < 0.01 * abs(wanted) + 0.004 * size + 2e-3,
                    "\(entry.name): \(found), gradient says \(wanted)")
            }
        }
    }

    @Test func aDetachedHeadLeavesTheBodyAlone() throws {
        let scorer = try TrainingModel.make(head: .init(detached: true, initialDeviation: 1))
        _ = try scorer.accumulate(
            TrainingModel.batch(), reading: TokenReading(head: .afterToken)
        ) { readings in
            TokenGradients(
                loss: 0, byLogProbability: [],
                byHeadValue: TrainingModel.weights(readings.headValues.count, seed: 1))
        }
        let groups = try #require(scorer.optimizer).groups
        #expect(groups[0].gradient.allSatisfy { $0 == 0 })
        #expect(groups[1].gradient.allSatisfy { $0 != 0 })
    }

    @Test func headValuesReadTheStateBeforeOrAfterTheToken() throws {
        let scorer = try TrainingModel.make(head: .init(initialDeviation: 1))
        let sequence = TrainingModel.batch([(3, 4)])
        let before = try scorer.read(sequence, reading: TokenReading(head: .beforeToken))
        let after = try scorer.read(sequence, reading: TokenReading(head: .afterToken))
        #expect(Array(before.headValues.dropFirst()) == Array(after.headValues.dropLast()))
        #expect(before.headValues.first != after.headValues.first)
    }

    private struct Part {
        let name: String
        let offset: Int
        let count: Int
    }

    private func entries(_ scorer: Scorer) throws -> [[Part]] {
        let body = scorer.model.layout.entries.map {
            Part(name: $0.name, offset: $0.offset, count: $0.count)
        }
        let width = scorer.model.configuration.width
        return [
            body,
            [
                Part(name: "head.weight", offset: 0, count: width),
                Part(name: "head.bias", offset: width, count: 1),
            ],
        ]
    }

    /// The slope of the loss along a move of the parameters, by central differences.
    private func slope(
        _ scorer: Scorer, _ batch: [TokenSequence], _ reading: TokenReading,
        move: (Float) -> Void
    ) throws -> Double {
        let step: Float = 1.0 / 512
        func loss(after change: Float) throws -> Double {
            move(change)
            scorer.model.refresh()
            return TrainingModel.linearLoss(try scorer.read(batch, reading: reading)).loss
        }
        let above = try loss(after: step)
        let below = try loss(after: -2 * step)
        move(step)
        scorer.model.refresh()
        return (above - below) / Double(2 * step)
    }
}
