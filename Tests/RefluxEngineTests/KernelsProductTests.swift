import CKernels
import RefluxCore
import Testing

@testable import RefluxEngine

/// The matrix products of all libraries against sums in doubles.
@Suite struct KernelsProductTests {
    static let arithmetics: [Arithmetic] = [
        Arithmetic(library: .openBLAS, isBFloat16: false),
        Arithmetic(library: .oneDNN, isBFloat16: false),
        Arithmetic(library: .oneDNN, isBFloat16: true),
        Arithmetic(library: .own, isBFloat16: false),
        Arithmetic(library: .own, isBFloat16: true),
    ].filter {
        Arithmetic.Library.usable.contains($0.library)
            && ($0.library != .oneDNN || !$0.isBFloat16 || Arithmetic.hasBFloat16)
    }

    /// (outputs, inputs): one block, two slices with a short last one, odd, many blocks.
    static let shapes = [(96, 96), (200, 24), (7, 5), (1100, 40)]

    /// Numbers that bf16 holds exactly, so that one bound fits all.
    static func numbers(_ count: Int, seed: UInt64) -> [Float] {
        TrainingModel.weights(count, seed: seed).map { ($0 * 64).rounded() / 64 }
    }

    /// a [m, k] b [k, n] by element functions.
    static func product(
        _ m: Int, _ n: Int, _ k: Int, _ a: (Int, Int) -> Float, _ b: (Int, Int) -> Float
    ) -> [Float] {
        (0..<m * n).map { at in
            Float((0..<k).reduce(0.0) { $0 + Double(a(at / n, $1)) * Double(b($1, at % n)) })
        }
    }

    private func operand(_ x: [Float], _ arithmetic: Arithmetic) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: x.count * arithmetic.elementBytes)
        bytes.withUnsafeMutableBytes { memory in
            guard let base = memory.baseAddress else { return }
            Operand.write(x, count: x.count, to: base, arithmetic)
        }
        return bytes
    }

    @Test(arguments: arithmetics, shapes)
    func forwardAndBack(_ arithmetic: Arithmetic, _ shape: (Int, Int)) throws {
        let (outputs, inputs) = shape
        let w = Self.numbers(outputs * inputs, seed: 1)
        try w.withUnsafeBufferPointer { w in
            let base = try #require(w.baseAddress)
            let matrix = try WeightMatrix(
                outputs: outputs, inputs: inputs, weights: base, arithmetic: arithmetic,
                trainable: true)
            for task in 0..<matrix.refreshTasks { matrix.refresh(task: task) }
            for rows in [1, 3, 32, 130] {
                let x = Self.numbers(rows * inputs, seed: 2)
                let dy = Self.numbers(rows * outputs, seed: 3)
                let y = Self.product(
                    rows, outputs, inputs, { x[$0 * inputs + $1] }, { w[$1 * inputs + $0] })
                let dx = Self.product(
                    rows, inputs, outputs, { dy[$0 * outputs + $1] }, { w[$0 * inputs + $1] })
                var found = [Float](repeating: .nan, count: y.count)
                matrix.multiply(operand: operand(x, arithmetic), rows: rows, into: &found)
                #expect(largestDifference(found, y) < 1e-6)
                matrix.multiply(x, rows: rows, into: &found, accumulate: true, pool: .shared)
                #expect(largestDifference(found, y.map { 2 * $0 }) < 1e-6)
                found = [Float](repeating: 0, count: dx.count)
                matrix.multiplyTransposed(
                    operand: operand(dy, arithmetic), rows: rows, into: &found)
                #expect(largestDifference(found, dx) < 1e-6)
            }
        }
        try Product.throwFailure()
    }

    @Test(arguments: arithmetics, [1, 48, 1500])
    func gradientsOfWeightsAdd(_ arithmetic: Arithmetic, _ rows: Int) throws {
        let (outputs, inputs) = (150, 33)
        let dy = Self.numbers(rows * outputs, seed: 4)
        let x = Self.numbers(rows * inputs, seed: 5)
        let exact = Self.product(
            outputs, inputs, rows, { dy[$1 * outputs + $0] }, { x[$0 * inputs + $1] })
        var found = [Float](repeating: 1, count: exact.count)
        let (a, b) = (operand(dy, arithmetic), operand(x, arithmetic))
        a.withUnsafeBytes { a in
            b.withUnsafeBytes { b in
                found.withUnsafeMutableBufferPointer { c in
                    guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress
                    else { return }
                    let gradient = WeightGradient(
                        gradient: c, outputs: outputs, inputs: inputs, byOutput: a, input: b)
                    #expect(gradient.tiles > 1)
                    for tile in 0..<gradient.tiles {
                        gradient.add(tile: tile, rows: rows, arithmetic)
                    }
                }
            }
        }
        #expect(largestDifference(found, exact.map { $0 + 1 }) < 1e-6)
        try Product.throwFailure()
    }

    @Test(arguments: arithmetics) func aVocabularyOfManyBlocks(_ arithmetic: Arithmetic) throws {
        let (vocabulary, width) = (1100, 24)
        let w = Self.numbers(vocabulary * width, seed: 6)
        try w.withUnsafeBufferPointer { w in
            let matrix = try VocabularyMatrix(
                vocabulary: vocabulary, width: width, weights: try #require(w.baseAddress),
                arithmetic: arithmetic, trainable: false)
            for task in 0..<matrix.refreshTasks { matrix.refresh(task: task) }
            for rows in [1, 5, 140] {
                let x = Self.numbers(rows * width, seed: 7)
                let exact = Self.product(
                    rows, vocabulary, width, { x[$0 * width + $1] }, { w[$1 * width + $0] })
                var found = [Float](repeating: .nan, count: exact.count)
                matrix.multiply(x, rows: rows, into: &found, pool: .shared)
                #expect(largestDifference(found, exact) < 1e-6)
            }
        }
    }

    /// What makes a sampler and a trainer agree whatever else is in their batches. 2100 goes
    /// through two parts of depth, 37 and 150 columns through a cut panel, 170 rows through two parts.
    @Test(arguments: arithmetics.filter { $0.library == .own }, [37, 150])
    func aRowsResultIsItsOwn(_ arithmetic: Arithmetic, _ columns: Int) throws {
        let depth = 2100
        let w = TrainingModel.weights(columns * depth, seed: 8)
        let block = try PackedBlock(columns: columns, depth: depth, arithmetic: arithmetic)
        w.withUnsafeBufferPointer {
            guard let base = $0.baseAddress else { return }
            block.fill(from: base, index: 0, rowStride: 1, columnStride: depth)
        }
        let x = operand(TrainingModel.weights(170 * depth, seed: 9), arithmetic)
        func product(_ rows: Range<Int>) -> [Float] {
            var y = [Float](repeating: .nan, count: rows.count * columns)
            x.withUnsafeBytes {
                guard let base = $0.baseAddress else { return }
                block.multiply(
                    base + rows.lowerBound * depth * arithmetic.elementBytes, rows: rows.count,
                    into: &y, outStride: columns, accumulate: false)
            }
            return y
        }
        let each = (0..<170).flatMap { product($0..<$0 + 1) }
        for count in [2, 3, 4, 13, 14, 15, 29, 139, 141, 170] {
            #expect(product(0..<count) == Array(each.prefix(count * columns)))
        }
    }

    /// A weight that lies a quarter of the way between two bf16 numbers is the upper one at a quarter of
    /// all places, the same ones on the way back; bf16 numbers stay what they are.
    @Test(arguments: arithmetics.filter(\.isBFloat16))
    func weightsAreRoundedUpAsOftenAsTheyAreNear(_ arithmetic: Arithmetic) throws {
        let (outputs, inputs) = (96, 96)
        let (lower, step) = (Float(1), Float(1) / 128)
        for part in [Float(0), 0.25, 0.5, 0.75] {
            let w = [Float](repeating: lower + part * step, count: outputs * inputs)
            try w.withUnsafeBufferPointer { w in
                let matrix = try WeightMatrix(
                    outputs: outputs, inputs: inputs, weights: try #require(w.baseAddress),
                    index: 1000, arithmetic: arithmetic, trainable: true)
                for task in 0..<matrix.refreshTasks { matrix.refresh(task: task) }
                // Rows of the unit matrix give the weights themselves.
                let unit = (0..<96 * 96).map { Float($0 / 96 == $0 % 96 ? 1 : 0) }
                var forward = [Float](repeating: .nan, count: inputs * outputs)
                var back = forward
                matrix.multiply(operand: operand(unit, arithmetic), rows: 96, into: &forward)
                matrix.multiplyTransposed(operand: operand(unit, arithmetic), rows: 96, into: &back)
                let upper = forward.count { $0 == lower + step }
                #expect(forward.allSatisfy { $0 == lower || $0 == lower + step })
                // Four standard deviations of 9,216 draws.
                #expect(abs(Float(upper) / Float(forward.count) - part) < 0.02)
                #expect(part > 0 || upper == 0)
                for at in back.indices where back[at] != forward[at % 96 * 96 + at / 96] {
                    Issue.record("element \(at) differs on the way back")
                    break
                }
            }
        }
    }

    @Test(arguments: arithmetics) func outerProductsOfManyRows(_ arithmetic: Arithmetic) throws {
        let (m, n, depth) = (250, 70, 600)
        let a = Self.numbers(depth * m, seed: 10)
        let b = Self.numbers(depth * n, seed: 11)
        let exact = Self.product(m, n, depth, { a[$1 * m + $0] }, { b[$0 * n + $1] })
        var found = [Float](repeating: 0, count: m * n)
        let (x, y) = (operand(a, arithmetic), operand(b, arithmetic))
        x.withUnsafeBytes { x in
            y.withUnsafeBytes { y in
                guard let x = x.baseAddress, let y = y.baseAddress else { return }
                Product.addOuter(
                    arithmetic, m: m, n: n, depth: depth, x, aStride: m, y, into: &found)
            }
        }
        #expect(largestDifference(found, exact) < 1e-6)
        try Product.throwFailure()
    }

    @Test func partsCoverAllColumns() {
        for columns in [1, 64, 128, 129, 576, 960, 3072, 49_152] {
            let parts = WeightMatrix.cut(columns)
            #expect(parts.first?.lowerBound == 0 && parts.last?.upperBound == columns)
            #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
            #expect(parts.allSatisfy { $0.lowerBound % 64 == 0 && $0.count <= 512 })
            #expect(parts.count > 1 || columns <= 128)
        }
    }
}
