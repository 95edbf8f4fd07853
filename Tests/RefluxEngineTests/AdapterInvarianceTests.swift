import CKernels
import RefluxCore
import Testing

@testable import RefluxEngine

/// What must not change the numbers of a model with an adapter.
@Suite struct AdapterInvarianceTests {
    private static let reading = TokenReading(entropies: true)
    private static let large = TrainingModel.batch(
        (0..<24).map { (1 + $0 % 5, 5 + $0 % 17) }, seed: 5)
    static let precisions: [ModelOptions.Precision] =
        Arithmetic.hasBFloat16 ? [.float32, .bfloat16] : [.float32]

    private func settings(dropout: Double) -> AdapterSettings {
        AdapterSettings(rank: 4, alpha: 6, dropout: dropout)
    }

    private func gradient(
        _ settings: AdapterSettings, threads: Int = 2,
        precision: ModelOptions.Precision = .float32, library: Arithmetic.Library? = nil,
        parts: [[TokenSequence]] = [large], keeping extent: TapeExtent = .everything
    ) throws -> [Float] {
        let scorer = try AdapterModel.make(
            settings, precision: precision, library: library, threads: threads, seed: 5,
            keeping: extent)
        for part in parts {
            _ = try scorer.accumulate(part, reading: Self.reading) { readings in
                TokenGradients(
                    loss: 1, byLogProbability: readings.logProbabilities.map { 0.1 + 0.01 * $0 },
                    byEntropy: readings.entropies.map { 0.02 * $0 })
            }
        }
        return TrainingModel.gradient(scorer)
    }

    @Test(arguments: precisions, Arithmetic.Library.usable)
    func aNewAdapterChangesNoBit(
        _ precision: ModelOptions.Precision, _ library: Arithmetic.Library
    ) throws {
        guard precision == .float32 || library != .openBLAS else { return }
        let scorer = try AdapterModel.make(
            precision: precision, library: library, deviation: nil)
        let body = try #require(scorer.model.body)
        let plain = Scorer(model: body, head: nil, optimizer: nil)
        let wanted = try plain.read(Self.large, reading: Self.reading)
        #expect(try scorer.read(Self.large, reading: Self.reading) == wanted)
        #expect(scorer.model.parameters.baseAddress == body.parameters.baseAddress)
    }

    @Test(arguments: precisions, [0, 0.25])
    func oneThreadAndTwoGiveTheSameBits(
        _ precision: ModelOptions.Precision, _ dropout: Double
    ) throws {
        let settings = settings(dropout: dropout)
        let one = try gradient(settings, threads: 1, precision: precision)
        #expect(try gradient(settings, threads: 2, precision: precision) == one)
        #expect(try gradient(settings, threads: 3, precision: precision) == one)
    }

    /// Also the masks are the same when activations are computed twice.
    @Test(arguments: precisions, [0, 0.25])
    func checkpointingGivesTheSameBits(
        _ precision: ModelOptions.Precision, _ dropout: Double
    ) throws {
        let settings = settings(dropout: dropout)
        let whole = try gradient(settings, precision: precision)
        #expect(try gradient(settings, precision: precision, keeping: .inputs) == whole)
    }

    /// Masks belong to the sequences of an update, however these are batched.
    @Test(arguments: [0, 0.25]) func aBatchOfManyIsTheSumOfBatchesOfOne(_ dropout: Double) throws {
        let settings = settings(dropout: dropout)
        let whole = try gradient(settings)
        let single = try gradient(settings, parts: Self.large.map { [$0] })
        #expect(largestDifference(single, whole) < 1e-5)
        let halves = [Array(Self.large.prefix(11)), Array(Self.large.dropFirst(11))]
        #expect(try largestDifference(gradient(settings, parts: halves), whole) < 1e-5)
    }

    @Test func librariesAgree() throws {
        for shape in AdapterModel.shapes {
            let blas = try gradient(shape, library: .openBLAS)
            #expect(try largestDifference(gradient(shape, library: .oneDNN), blas) < 1e-5)
        }
    }

    @Test(.enabled(if: Arithmetic.hasBFloat16)) func bfloat16IsNearFloats() throws {
        for shape in AdapterModel.shapes {
            let exact = try gradient(shape)
            let rounded = try gradient(shape, precision: .bfloat16)
            let difference = zip(exact, rounded)
                .reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
            let size = exact.reduce(0.0) { $0 + Double($1 * $1) }
            // The adapter's inner factors are rounded as well.
            #expect((difference / size).squareRoot() < 0.1, "\(shape.words)")
        }
    }

    @Test func nothingIsDroppedOutsideTraining() throws {
        let plain = try AdapterModel.make(settings(dropout: 0))
        let dropping = try AdapterModel.make(settings(dropout: 0.5))
        let wanted = try plain.read(Self.large, reading: Self.reading)
        #expect(try dropping.read(Self.large, reading: Self.reading) == wanted)
        let training = try dropping.accumulate(Self.large, reading: Self.reading) { readings in
            TokenGradients(loss: 0, byLogProbability: readings.logProbabilities.map { _ in 0 })
        }
        #expect(training != wanted)
    }

    /// The kernel against the generator that the rest of the program draws from.
    @Test(arguments: [7, 8, 1000, 4864], [2, 4])
    func masksAreThoseOfTheGenerator(_ width: Int, _ bytes: Int) {
        let key = RandomKey(seed: 77, stage: .dropout, step: 5, prompt: 6, sample: 7)
        var place = reflux_mask_key(
            key: (key.generatorKey.x, key.generatorKey.y), sample: key.sample,
            prompt: key.prompt, step: key.step)
        let threshold: UInt32 = 20_000
        let groups = (width + 7) / 8
        let kept = (0..<width).map { i in
            let word = key.words(at: 3 + i % groups)[i / groups / 2]
            return (i / groups % 2 == 0 ? word & 0xffff : word >> 16) >= threshold
        }
        if bytes == 4 {
            let x = (0..<width).map { Float($0 + 1) }
            var out = x
            reflux_drop(&place, 3, threshold, x, &out, Int32(width), 4)
            #expect(zip(out, x).map { $0 == $1 } == kept)
            #expect(zip(out, kept).allSatisfy { $1 || $0 == 0 })
        } else {
            let x = (0..<width).map { UInt16(truncatingIfNeeded: $0 | 1) }
            var out = x
            reflux_drop(&place, 3, threshold, x, &out, Int32(width), 2)
            #expect(zip(out, x).map { $0 == $1 } == kept)
        }
        let share = Double(kept.filter { $0 }.count) / Double(width)
        #expect(width < 1000 || abs(share - (1 - 20_000.0 / 65536)) < 0.05)
    }
}
