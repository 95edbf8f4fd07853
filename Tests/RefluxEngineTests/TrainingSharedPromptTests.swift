import RefluxCore
import Testing

@testable import RefluxEngine

/// Batches with several responses to a prompt, whose rows are computed once: the same as each
/// sequence alone.
@Suite struct TrainingSharedPromptTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let family: ModelConfiguration.Family
        /// Of an adapter that is trained in place of the weights.
        var dropout: Double?
        var extent: TapeExtent = .everything
        var testDescription: String {
            let trained = dropout.map { "an adapter with dropout \($0)" } ?? "all weights"
            return "\(family.rawValue), \(trained), keeping \(extent)"
        }

        func scorer(
            precision: ModelOptions.Precision = .float32, library: Arithmetic.Library? = nil,
            threads: Int = 2
        ) throws -> Scorer {
            let configuration = TrainingModel.configuration(family)
            let head = ModelOptions.Head(initialDeviation: 0.5)
            guard let dropout else {
                return try TrainingModel.make(
                    configuration, precision: precision, library: library, threads: threads,
                    head: head, keeping: extent)
            }
            return try AdapterModel.make(
                AdapterSettings(rank: 4, alpha: 6, dropout: dropout), configuration,
                precision: precision, library: library, threads: threads, head: head, seed: 5,
                keeping: extent)
        }
    }

    static let cases = ModelConfiguration.Family.allCases.flatMap { family in
        [TapeExtent.everything, .inputs].flatMap { extent in
            [nil, 0, 0.25].map { Case(family: family, dropout: $0, extent: extent) }
        }
    }
    private static let batch = TrainingModel.group()
    private static let positions: [TokenReading.HeadPosition] = [.beforeToken, .afterToken]

    private func packed(
        _ sequences: [TokenSequence], sharing: Bool = true
    ) throws -> PackedBatch {
        try PackedBatch(
            sequences, for: TrainingModel.configuration(), sharingPrompts: sharing)
    }

    @Test func aPromptHasItsRowsOnce() throws {
        let prompt: [Int32] = [3, 4, 5]
        let batch = try packed([
            TokenSequence(prompt: [3, 4], response: [5]),
            TokenSequence(prompt: prompt, response: [6, 7]),
            TokenSequence(prompt: prompt, response: []),
            TokenSequence(prompt: prompt, response: [8]),
            TokenSequence(prompt: [3, 4, 6], response: [8]),
        ])
        #expect(
            batch.groups == [
                .init(first: 0, lengths: [3]), .init(first: 3, lengths: [3, 2, 0, 1]),
                .init(first: 9, lengths: [4]),
            ])
        #expect(Array(batch.tokens.prefix(14)) == [3, 4, 5, 3, 4, 5, 6, 7, 8, 3, 4, 6, 8, 0])
        #expect(Array(batch.positions.prefix(14)) == [0, 1, 2, 0, 1, 2, 3, 4, 3, 0, 1, 2, 3, 0])
        #expect(batch.usedRows == 13)
        #expect(batch.usedTargetRows(0..<16) == [1, 5, 6, 5, 11])
        #expect(batch.responseRows == [2, 6, 7, 8, 12])
        #expect(Array(batch.targets.prefix(6)) == [5, 6, 7, 8, 8, 0])
        #expect(batch.offsets == [0, 1, 3, 3, 4, 5])
    }

    @Test func whatIsNotSharedIsEachSequenceOfItsOwn() throws {
        let unshared = try packed(Self.batch, sharing: false)
        #expect(unshared.groups.map(\.count) == Self.batch.map(\.tokens.count))
        #expect(try packed(Self.batch).usedRows < unshared.usedRows * 2 / 3)
        // Few rows would be saved, of few tasks of the attention.
        let long = TrainingModel.group([(2, [33, 33, 32])])
        #expect(try packed(long).groups.map(\.lengths) == [[35], [2, 33, 32]])
    }

    /// With products whose rows do not depend on each other, bits are the same.
    @Test(arguments: KernelsProductTests.arithmetics, ModelConfiguration.Family.allCases)
    func readingsAreThoseOfEachSequenceAlone(
        _ arithmetic: Arithmetic, _ family: ModelConfiguration.Family
    ) throws {
        let scorer = try Case(family: family).scorer(
            precision: arithmetic.isBFloat16 ? .bfloat16 : .float32, library: arithmetic.library)
        for position in Self.positions {
            let reading = TokenReading(entropies: true, head: position)
            let together = try scorer.read(Self.batch, reading: reading)
            let alone = try Self.batch.map { try scorer.read([$0], reading: reading) }
            for (found, wanted) in [
                (together.logProbabilities, alone.flatMap(\.logProbabilities)),
                (together.entropies, alone.flatMap(\.entropies)),
                (together.headValues, alone.flatMap(\.headValues)),
            ] {
                if arithmetic.library == .own {
                    #expect(found == wanted)
                } else {
                    #expect(
                        largestDifference(found, wanted) < (arithmetic.isBFloat16 ? 0.02 : 1e-5))
                }
            }
        }
    }

    private func gradient(
        _ scorer: Scorer, _ position: TokenReading.HeadPosition, parts: [[TokenSequence]]
    ) throws -> [Float] {
        for part in parts {
            _ = try scorer.accumulate(
                part, reading: TokenReading(entropies: true, head: position)
            ) { readings in
                TokenGradients(
                    loss: 1, byLogProbability: readings.logProbabilities.map { 0.1 + 0.01 * $0 },
                    byEntropy: readings.entropies.map { 0.02 * $0 },
                    byHeadValue: readings.headValues.map { 0.5 - 0.1 * $0 })
            }
        }
        return TrainingModel.gradient(scorer)
    }

    @Test(arguments: cases, positions) func gradientsAreTheSumsOfTheSequences(
        _ test: Case, _ position: TokenReading.HeadPosition
    ) throws {
        let together = try gradient(test.scorer(), position, parts: [Self.batch])
        let alone = try gradient(test.scorer(), position, parts: Self.batch.map { [$0] })
        #expect(together.contains { $0 != 0 })
        #expect(largestDifference(together, alone) < 1e-5)
    }

    @Test(arguments: KernelsProductTests.arithmetics, [nil, 0])
    func neitherThreadsNorCheckpointingChangeABit(
        _ arithmetic: Arithmetic, _ dropout: Double?
    ) throws {
        func gradient(threads: Int, _ extent: TapeExtent) throws -> [Float] {
            let test = Case(family: .qwen3, dropout: dropout, extent: extent)
            let scorer = try test.scorer(
                precision: arithmetic.isBFloat16 ? .bfloat16 : .float32,
                library: arithmetic.library, threads: threads)
            return try self.gradient(scorer, .beforeToken, parts: [Self.batch])
        }
        let one = try gradient(threads: 1, .everything)
        #expect(try gradient(threads: 3, .everything) == one)
        #expect(try gradient(threads: 2, .inputs) == one)
    }
}
