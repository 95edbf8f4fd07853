import RefluxCore
import Testing

@testable import RefluxEngine

/// What must not change the numbers: threads, repetition, how a batch is cut.
@Suite struct TrainingInvarianceTests {
    private static let reading = TokenReading(entropies: true, head: .afterToken)

    private func run(
        threads: Int = 2, precision: ModelOptions.Precision = .float32,
        library: Arithmetic.Library? = nil, parts: [[TokenSequence]]
    ) throws -> (gradient: [Float], readings: [TokenReadings]) {
        let scorer = try TrainingModel.make(
            precision: precision, library: library, threads: threads,
            head: .init(initialDeviation: 0.5))
        let readings = try parts.map { part in
            try scorer.accumulate(part, reading: Self.reading) { readings in
                TokenGradients(
                    loss: 1,
                    byLogProbability: readings.logProbabilities.map { 0.1 + 0.01 * $0 },
                    byEntropy: readings.entropies.map { 0.02 * $0 },
                    byHeadValue: readings.headValues.map { 0.5 - 0.1 * $0 })
            }
        }
        return (TrainingModel.gradient(scorer), readings)
    }

    /// Enough rows for several blocks of every kind.
    private static let large = TrainingModel.batch(
        (0..<24).map { (1 + $0 % 5, 5 + $0 % 17) }, seed: 5)

    @Test(arguments: Arithmetic.Library.usable)
    func oneThreadAndTwoGiveTheSameBits(_ library: Arithmetic.Library) throws {
        let one = try run(threads: 1, library: library, parts: [Self.large])
        let two = try run(threads: 2, library: library, parts: [Self.large])
        let three = try run(threads: 3, library: library, parts: [Self.large])
        #expect(one.readings == two.readings && one.readings == three.readings)
        #expect(one.gradient == two.gradient && one.gradient == three.gradient)
    }

    @Test(.enabled(if: Arithmetic.hasBFloat16))
    func oneThreadAndTwoGiveTheSameBitsInBFloat16() throws {
        let one = try run(threads: 1, precision: .bfloat16, parts: [Self.large])
        let two = try run(threads: 2, precision: .bfloat16, parts: [Self.large])
        #expect(one.readings == two.readings)
        #expect(one.gradient == two.gradient)
    }

    /// What is computed twice has the same bits, over several layers and in every family.
    @Test(arguments: ModelConfiguration.Family.allCases, [false, true])
    func checkpointingGivesTheSameBits(_ family: ModelConfiguration.Family, rounded: Bool) throws {
        guard !rounded || Arithmetic.hasBFloat16 else { return }
        func gradient(keeping extent: TapeExtent) throws -> [Float] {
            let scorer = try TrainingModel.make(
                TrainingModel.configuration(family, layers: 4),
                precision: rounded ? .bfloat16 : .float32, head: .init(initialDeviation: 0.5),
                keeping: extent)
            // A larger batch before leaves other numbers in memory that is used again.
            for batch in [TrainingModel.batch(Array(repeating: (3, 30), count: 9)), Self.large] {
                _ = try scorer.accumulate(
                    batch, reading: Self.reading, loss: TrainingModel.linearLoss)
            }
            return TrainingModel.gradient(scorer)
        }
        let whole = try gradient(keeping: .everything)
        #expect(whole.contains { $0 != 0 })
        #expect(try gradient(keeping: .inputs) == whole)
    }

    @Test func repeatedRunsGiveTheSameBits() throws {
        let first = try run(parts: [Self.large])
        let again = try run(parts: [Self.large])
        #expect(first.readings == again.readings)
        #expect(first.gradient == again.gradient)
    }

    @Test func aBatchOfManyIsTheSumOfBatchesOfOne() throws {
        let whole = try run(parts: [Self.large])
        let single = try run(parts: Self.large.map { [$0] })
        #expect(largestDifference(single.gradient, whole.gradient) < 1e-5)
        let parts = single.readings.flatMap(\.logProbabilities)
        #expect(largestDifference(parts, whole.readings[0].logProbabilities) < 1e-5)
    }

    @Test func librariesAgree() throws {
        let blas = try run(library: .openBLAS, parts: [Self.large])
        let dnn = try run(library: .oneDNN, parts: [Self.large])
        #expect(largestDifference(dnn.gradient, blas.gradient) < 1e-5)
    }

    @Test(.enabled(if: Arithmetic.hasBFloat16)) func bfloat16IsNearFloats() throws {
        let exact = try run(parts: [Self.large])
        let rounded = try run(precision: .bfloat16, parts: [Self.large])
        let difference = zip(exact.gradient, rounded.gradient)
            .reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        let size = exact.gradient.reduce(0.0) { $0 + Double($1 * $1) }
        #expect((difference / size).squareRoot() < 0.05)
        #expect(
            largestDifference(
                rounded.readings[0].logProbabilities, exact.readings[0].logProbabilities) < 0.03)
    }

    @Test func readingInChunksIsReadingAtOnce() throws {
        let scorer = try TrainingModel.make()
        let batch = TrainingModel.batch((0..<150).map { (10 + $0 % 7, 30 + $0 % 11) })
        #expect(Scorer.chunks(batch).count > 1)
        let all = try scorer.read(batch, reading: TokenReading(entropies: true))
        var single = TokenReadings(offsets: [0], logProbabilities: [])
        for sequence in batch {
            let one = try scorer.read([sequence], reading: TokenReading(entropies: true))
            single.logProbabilities += one.logProbabilities
            single.entropies += one.entropies
            single.offsets.append(single.logProbabilities.count)
        }
        #expect(all.offsets == single.offsets)
        #expect(largestDifference(single.logProbabilities, all.logProbabilities) < 1e-6)
        #expect(largestDifference(single.entropies, all.entropies) < 1e-6)
    }

    @Test func emptyBatchesAndEmptyResponsesAreFine() throws {
        let scorer = try TrainingModel.make()
        #expect(try scorer.read([], reading: TokenReading()).offsets == [0])
        let silent = TrainingModel.batch([(4, 0), (2, 0)])
        let readings = try scorer.accumulate(silent, reading: TokenReading()) { readings in
            TokenGradients(loss: 0, byLogProbability: readings.logProbabilities)
        }
        #expect(readings.offsets == [0, 0, 0])
        #expect(TrainingModel.gradient(scorer).allSatisfy { $0 == 0 })
    }
}
