import CKernels
import RefluxCore
import Testing

@testable import RefluxEngine

/// Weights as 8-bit integers: the products, and models that use them.
@Suite(.enabled(if: reflux_has_int8_products(), "optional: the processor has no AVX512-VNNI"))
struct Int8Tests {
    private static let arithmetic = Arithmetic(
        library: .own, isBFloat16: false, hasInt8Weights: true)

    private func block(_ w: [Float], columns: Int, depth: Int) throws -> PackedBlock {
        let block = try PackedBlock(columns: columns, depth: depth, arithmetic: Self.arithmetic)
        w.withUnsafeBufferPointer {
            guard let base = $0.baseAddress else { return }
            block.fill(from: base, index: 0, rowStride: 1, columnStride: depth)
        }
        return block
    }

    private func product(
        _ x: [Float], _ rows: Range<Int>, by block: PackedBlock, depth: Int,
        onto start: Float = .nan
    ) -> [Float] {
        var y = [Float](repeating: start, count: rows.count * block.columns)
        x.withUnsafeBytes {
            guard let base = $0.baseAddress else { return }
            block.multiply(
                base + rows.lowerBound * depth * 4, rows: rows.count, into: &y,
                outStride: block.columns, accumulate: !start.isNaN)
        }
        return y
    }

    /// Whole numbers up to 127, with 127 in every group of 64: their scale is 1, and nothing is
    /// rounded.
    private func wholeNumbers(_ rows: Int, _ depth: Int, seed: UInt64) -> [Float] {
        var numbers = TrainingModel.weights(rows * depth, seed: seed).map { ($0 * 127).rounded() }
        for row in 0..<rows {
            for group in stride(from: 0, to: depth, by: 64) { numbers[row * depth + group] = 127 }
        }
        return numbers
    }

    @Test("whole numbers are multiplied exactly", arguments: [(37, 20), (160, 64), (300, 200)])
    func exact(_ shape: (columns: Int, depth: Int)) throws {
        let (columns, depth) = shape
        let w = wholeNumbers(columns, depth, seed: 1)
        let matrix = try block(w, columns: columns, depth: depth)
        for rows in [1, 2, 3, 4, 13, 14, 15, 45, 90] {
            let x = wholeNumbers(rows, depth, seed: 2)
            let exact = KernelsProductTests.product(
                rows, columns, depth, { x[$0 * depth + $1] }, { w[$1 * depth + $0] })
            #expect(product(x, 0..<rows, by: matrix, depth: depth) == exact)
            #expect(
                product(x, 0..<rows, by: matrix, depth: depth, onto: 7) == exact.map { 7 + $0 })
        }
    }

    /// Uniform numbers up to a group's largest, rounded in 254 steps: an error of a step over
    /// sqrt(12) in each factor, relative to a factor of 1 / sqrt(3).
    @Test func roundingIsThatOfEightBits() throws {
        let (columns, depth, rows) = (200, 1000, 30)
        let w = TrainingModel.weights(columns * depth, seed: 3)
        let x = TrainingModel.weights(rows * depth, seed: 4)
        let exact = KernelsProductTests.product(
            rows, columns, depth, { x[$0 * depth + $1] }, { w[$1 * depth + $0] })
        let matrix = try block(w, columns: columns, depth: depth)
        let found = product(x, 0..<rows, by: matrix, depth: depth)
        let error = zip(found, exact).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
        let size = exact.reduce(0.0) { $0 + Double($1 * $1) }
        let expected = 2.0.squareRoot() / 127 / 12.0.squareRoot() * 3.0.squareRoot()
        #expect((error / size).squareRoot() < 1.1 * expected)
        #expect((error / size).squareRoot() > 0.5 * expected)
    }

    @Test(arguments: [(300, 130), (960, 576), (70, 1100)])
    func aRowsResultIsItsOwn(_ shape: (columns: Int, depth: Int)) throws {
        let (columns, depth) = shape
        let matrix = try block(
            TrainingModel.weights(columns * depth, seed: 5), columns: columns, depth: depth)
        let x = TrainingModel.weights(100 * depth, seed: 6)
        let each = (0..<100).flatMap { product(x, $0..<$0 + 1, by: matrix, depth: depth) }
        for count in [2, 3, 4, 14, 15, 42, 43, 100] {
            #expect(
                product(x, 0..<count, by: matrix, depth: depth) == Array(each[..<(count * columns)])
            )
        }
    }

    @Test("what is not finite is not rounded to something that is")
    func notFinite() throws {
        let depth = 100
        for bad in [Float.nan, .infinity, -.infinity] {
            var w = TrainingModel.weights(40 * depth, seed: 7)
            var x = TrainingModel.weights(2 * depth, seed: 8)
            let good = try block(w, columns: 40, depth: depth)
            x[70] = bad
            let y = product(x, 0..<2, by: good, depth: depth)
            #expect(y[..<40].allSatisfy { $0.isNaN } && y[40...].allSatisfy { $0.isFinite })
            w[3 * depth + 5] = bad
            let spoilt = try block(w, columns: 40, depth: depth)
            let z = product(x, 1..<2, by: spoilt, depth: depth)
            #expect(
                z[3].isNaN && z.enumerated().allSatisfy { $0.offset == 3 || $0.element.isFinite })
        }
    }

    @Test("numbers too small for a scale are zeros")
    func tiny() throws {
        let depth = 70
        for size in [Float.leastNonzeroMagnitude, 0x1p-133, 1e-38, 1e-31] {
            let weights = TrainingModel.weights(40 * depth, seed: 9)
            let small = weights.map { $0 * size }
            let good = try block(weights, columns: 40, depth: depth)
            let none = try block(small, columns: 40, depth: depth)
            let zeros = [Float](repeating: 0, count: 40)
            #expect(product(Array(small[..<depth]), 0..<1, by: good, depth: depth) == zeros)
            #expect(product(Array(weights[..<depth]), 0..<1, by: none, depth: depth) == zeros)
        }
    }

    // MARK: Models

    private func readings(
        _ path: String, _ precision: ModelOptions.Precision, _ batch: [TokenSequence]
    ) async throws -> [Float] {
        try await NativeEngineProvider().open(
            Fixture.path(path), options: ModelOptions(precision: precision)
        ).logProbabilities(of: batch, reading: TokenReading()).logProbabilities
    }

    /// Every fixture's family; the bounds are about twice what was found. (Random weights are worse than
    /// trained ones.)
    @Test(arguments: ParityTests.models)
    func aModelReadsAlmostTheSame(_ name: String) async throws {
        let batch = try Fixture.read(
            ParityTests.Expected.self, "parity_\(name)/expected.json"
        ).batch
        let exact = try await readings("parity_\(name)", .float32, batch)
        let rounded = try await readings("parity_\(name)", .int8, batch)
        let differences = zip(exact, rounded).map { abs($0 - $1) }
        #expect(differences.reduce(0, +) / Float(differences.count) < 0.1)
        #expect((differences.max() ?? 1) < 0.7)
        #expect(exact != rounded)
    }

    @Test("drawing and reading differ by rounding: inputs that differ little may round apart")
    func agreement() throws {
        let model = try TinyModel.make(precision: .int8)
        let found = try GenerationScoringTests.largestDifference(
            model, SamplingSettings(maxTokens: 30))
        #expect(found < 0.2)
    }

    @Test("an adapter on 8-bit weights counts as on others")
    func adapter() async throws {
        let batch = try Fixture.read(
            ParityTests.Expected.self, "parity_llama_tied/expected.json"
        ).batch
        let exact = try await readings("lora_llama", .float32, batch)
        let rounded = try await readings("lora_llama", .int8, batch)
        let without = try await readings("parity_llama_tied", .int8, batch)
        #expect(largestDifference(rounded, exact) < 0.05)
        #expect(largestDifference(without, exact) > 0.05)
    }

    @Test(
        "a model that is trained draws with 8-bit weights that follow it",
        arguments: [nil, AdapterSettings(rank: 4, alpha: 8)])
    func training(adapter: AdapterSettings?) async throws {
        let path = Fixture.path("parity_llama_tied")
        let batch = try Fixture.read(
            ParityTests.Expected.self, "parity_llama_tied/expected.json"
        ).batch
        let request = SampleRequest(
            id: "prompt", prompt: [5, 6, 7], settings: SamplingSettings(maxTokens: 20),
            count: 3, key: RandomKey(seed: 1, stage: .reinforce))
        func open(
            drawingIn precision: ModelOptions.Precision?
        ) async throws -> any LanguageModelEngine {
            try await NativeEngineProvider(library: .own).open(
                path,
                options: ModelOptions(
                    precision: .float32, samplingPrecision: precision, trainable: true,
                    adapter: adapter))
        }
        let plain = try await open(drawingIn: nil)
        let engine = try await open(drawingIn: .int8)
        let before = try await engine.sample([request])
        for engine in [plain, engine] {
            for _ in 0..<3 {
                try await engine.accumulateGradient(of: batch, reading: TokenReading()) {
                    readings in
                    TokenGradients(
                        loss: 0, byLogProbability: readings.logProbabilities.map { _ in -0.1 })
                }
                try await engine.applyUpdate(UpdateSettings(learningRate: 0.02))
            }
        }
        let readings = try await engine.logProbabilities(of: batch, reading: TokenReading())
        let expected = try await plain.logProbabilities(of: batch, reading: TokenReading())
        #expect(readings.logProbabilities == expected.logProbabilities)

        try await withTemporaryFolder { folder in
            try await engine.exportModel(to: folder)
            let frozen = try await NativeEngineProvider(library: .own).open(
                folder, options: ModelOptions(precision: .int8))
            let drawn = try await engine.sample([request])[0]
            let wanted = try await frozen.sample([request])[0]
            #expect(drawn.map(\.logProbabilities) != before[0].map(\.logProbabilities))
            #expect(drawn.map(\.tokens) == wanted.map(\.tokens))
            #expect(drawn.map(\.logProbabilities) == wanted.map(\.logProbabilities))
        }
    }

    @Test("frozen models of one path in two arithmetics have one set of parameters")
    func sharedParameters() async throws {
        let provider = NativeEngineProvider()
        var engines: [any LanguageModelEngine] = []
        for precision in [ModelOptions.Precision.float32, .int8, .int8] {
            engines.append(
                try await provider.open(
                    Fixture.path("parity_llama_tied"), options: ModelOptions(precision: precision)))
        }
        let models = engines.compactMap { ($0 as? NativeEngine)?.model }
        #expect(models.count == 3)
        #expect(Set(models.map(\.parameters.baseAddress)).count == 1)
        #expect(models[0] !== models[1])
        #expect(models[1] === models[2])
    }

    @Test func aTrainedModelIsRefused() async throws {
        let error = await #expect(throws: RefluxError.self) {
            try await NativeEngineProvider().open(
                Fixture.path("parity_llama_tied"),
                options: ModelOptions(precision: .int8, trainable: true))
        }
        #expect(error?.kind == .usage)
        #expect(error?.wanted == "auto, f32 or bf16")
    }
}
