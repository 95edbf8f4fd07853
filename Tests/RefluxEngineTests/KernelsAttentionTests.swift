import CKernels
import Foundation
import Testing

@testable import RefluxEngine

/// Attention over one key-value head, against its definition in doubles.
@Suite struct KernelsAttentionTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        let count, group, width: Int
        var testDescription: String { "\(count) tokens, \(group) heads of \(width)" }
        /// Query heads, key and value side by side, and a gap.
        var stride: Int { (group + 2) * width + 3 }
        var scale: Float { 1 / Float(width).squareRoot() }
        var keyOffset: Int { group * width }
        var valueOffset: Int { (group + 1) * width }
    }

    /// Around the vector (16), the tile (6 and 32) and the block of queries (24).
    static let shapes = [
        Shape(count: 1, group: 1, width: 2), Shape(count: 5, group: 2, width: 6),
        Shape(count: 17, group: 3, width: 16), Shape(count: 49, group: 1, width: 24),
        Shape(count: 100, group: 2, width: 40),
    ]

    /// out[t][g * width + i]
    static func attention(_ x: [Double], _ s: Shape) -> [Double] {
        var out: [Double] = []
        for t in 0..<s.count {
            for g in 0..<s.group {
                let scores = (0...t).map { j in
                    (0..<s.width).reduce(0.0) {
                        $0 + x[t * s.stride + g * s.width + $1]
                            * x[j * s.stride + s.keyOffset + $1]
                    } * Double(s.scale)
                }
                let weights = KernelsElementwiseTests.logSoftmax(scores).map { exp($0) }
                out += (0..<s.width).map { i in
                    (0...t).reduce(0.0) {
                        $0 + weights[$1] * x[$1 * s.stride + s.valueOffset + i]
                    }
                }
            }
        }
        return out
    }

    /// `lengths` of a group of sequences; without them `x` is one sequence.
    private func forward(
        _ x: [Float], _ s: Shape, lengths: [Int32]? = nil
    ) -> (out: [Float], logSums: [Float]) {
        let lengths = lengths ?? [Int32(s.count)]
        let (parts, rows) = (Int32(lengths.count), x.count / s.stride)
        var out = [Float](repeating: 9, count: rows * s.group * s.width)
        var logSums = [Float](repeating: 9, count: rows * s.group)
        var scratch = [Float](
            repeating: .nan, count: reflux_attention_scratch(lengths, parts, Int32(s.width)))
        x.withUnsafeBufferPointer { x in
            guard let x = x.baseAddress else { return }
            reflux_attention(
                x, x + s.keyOffset, x + s.valueOffset, s.stride, lengths, parts, Int32(s.group),
                Int32(s.width), s.scale, &out, s.group * s.width, 0, &logSums, s.group, &scratch)
        }
        return (out, logSums)
    }

    /// The gradient of `x`, zeros in its gaps.
    private func backward(
        _ x: [Float], _ s: Shape, dout: [Float], lengths: [Int32]? = nil
    ) -> [Float] {
        let logSums = forward(x, s, lengths: lengths).logSums
        let lengths = lengths ?? [Int32(s.count)]
        let parts = Int32(lengths.count)
        var gradient = [Float](repeating: 0, count: x.count)
        var scratch = [Float](
            repeating: .nan,
            count: reflux_attention_backward_scratch(lengths, parts, Int32(s.width)))
        gradient.withUnsafeMutableBufferPointer { d in
            x.withUnsafeBufferPointer { x in
                guard let x = x.baseAddress, let d = d.baseAddress else { return }
                reflux_attention_backward(
                    x, x + s.keyOffset, x + s.valueOffset, s.stride, lengths, parts,
                    Int32(s.group), Int32(s.width), s.scale, dout, s.group * s.width, logSums,
                    s.group, d, d + s.keyOffset, d + s.valueOffset, &scratch)
            }
        }
        return gradient
    }

    @Test(arguments: shapes) func isItsDefinition(_ shape: Shape) {
        let x = KernelsElementwiseTests.numbers(shape.count * shape.stride, seed: 1, range: 3)
        let found = forward(x, shape).out
        let exact = Self.attention(x.map(Double.init), shape)
        for (found, wanted) in zip(found, exact) { #expect(abs(Double(found) - wanted) < 2e-5) }
    }

    @Test(arguments: shapes) func wayBackIsTheSlope(_ shape: Shape) {
        let x = KernelsElementwiseTests.numbers(shape.count * shape.stride, seed: 2, range: 2)
        let dout = KernelsElementwiseTests.numbers(
            shape.count * shape.group * shape.width, seed: 3)
        let gradient = backward(x, shape, dout: dout)
        // A random direction for each of q, k and v: all their numbers take part.
        for part in [
            0..<shape.keyOffset, shape.keyOffset..<shape.valueOffset,
            shape.valueOffset..<shape.valueOffset + shape.width,
        ] {
            var direction = [Float](repeating: 0, count: x.count)
            let random = KernelsElementwiseTests.numbers(x.count, seed: 4)
            for i in x.indices where part.contains(i % shape.stride) { direction[i] = random[i] }
            let wanted = KernelsElementwiseTests.slope([0], 0) { step in
                let moved = zip(x, direction).map { Double($0) + step[0] * Double($1) }
                return KernelsElementwiseTests.dot(Self.attention(moved, shape), dout)
            }
            let found = zip(direction, gradient).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            #expect(abs(found - wanted) < 1e-4 * (1 + abs(wanted)))
        }
    }

    /// Whatever stands behind a row, it has the same bits.
    @Test(arguments: [1, 16, 24, 25, 50, 97, 110]) func aRowsResultIsItsOwn(_ count: Int) {
        let shape = Shape(count: 130, group: 2, width: 40)
        let x = KernelsElementwiseTests.numbers(shape.count * shape.stride, seed: 6, range: 3)
        let whole = forward(x, shape)
        let begin = forward(
            Array(x.prefix(count * shape.stride)), shape, lengths: [Int32(count)])
        #expect(begin.out == Array(whole.out.prefix(begin.out.count)))
        #expect(begin.logSums == Array(whole.logSums.prefix(begin.logSums.count)))
    }

    /// A beginning and the sequences' own rows, around the block of queries, long and short by turns.
    static let groups: [[Int32]] = [
        [1, 1, 0, 5], [30, 20, 0, 70, 1, 3], [24, 24, 25, 23], [50, 1], [7, 0, 0],
    ]

    /// The rows of each sequence of a group.
    static func rows(of lengths: [Int32]) -> [[Int]] {
        var first = Int(lengths[0])
        return lengths.dropFirst().map { length in
            defer { first += Int(length) }
            return Array(0..<Int(lengths[0])) + (first..<first + Int(length))
        }
    }

    /// Rows of `width` numbers each, one after another.
    private func take(_ rows: [Int], of x: [Float], width: Int) -> [Float] {
        rows.flatMap { x[$0 * width..<($0 + 1) * width] }
    }

    @Test(arguments: groups, shapes[1...3]) func aSharedBeginningChangesNoBit(
        _ lengths: [Int32], _ shape: Shape
    ) {
        let count = Int(lengths.reduce(0, +))
        let x = KernelsElementwiseTests.numbers(count * shape.stride, seed: 7, range: 3)
        let together = forward(x, shape, lengths: lengths)
        for rows in Self.rows(of: lengths) {
            let alone = forward(
                take(rows, of: x, width: shape.stride), shape, lengths: [Int32(rows.count)])
            #expect(alone.out == take(rows, of: together.out, width: shape.group * shape.width))
            #expect(alone.logSums == take(rows, of: together.logSums, width: shape.group))
        }
    }

    /// Each sequence alone gets the gradient of its own rows; that of the beginning, which is given
    /// to the first of them, comes back from all.
    @Test(arguments: groups, shapes[1...3]) func wayBackOfASharedBeginningIsTheSum(
        _ lengths: [Int32], _ shape: Shape
    ) {
        let (count, width) = (Int(lengths.reduce(0, +)), shape.group * shape.width)
        let x = KernelsElementwiseTests.numbers(count * shape.stride, seed: 8, range: 2)
        let dout = KernelsElementwiseTests.numbers(count * width, seed: 9)
        var sum = [Float](repeating: 0, count: x.count)
        for (index, rows) in Self.rows(of: lengths).enumerated() {
            var own = take(rows, of: dout, width: width)
            let shared = Int(lengths[0]) * width
            if index > 0 { own.replaceSubrange(..<shared, with: repeatElement(0, count: shared)) }
            let alone = backward(
                take(rows, of: x, width: shape.stride), shape, dout: own,
                lengths: [Int32(rows.count)])
            for (i, row) in rows.enumerated() {
                for j in 0..<shape.stride {
                    sum[row * shape.stride + j] += alone[i * shape.stride + j]
                }
            }
        }
        let together = backward(x, shape, dout: dout, lengths: lengths)
        #expect(largestDifference(together, sum) < 1e-5)
    }

    @Test func resultsInBFloat16AreTheRoundedOnes() {
        let shape = Self.shapes[2]
        let x = KernelsElementwiseTests.numbers(shape.count * shape.stride, seed: 5)
        let exact = forward(x, shape).out
        var rounded = [UInt16](repeating: 0, count: exact.count)
        reflux_to_bf16(exact, &rounded, exact.count)
        var out = [UInt16](repeating: 0, count: exact.count)
        var scratch = [Float](
            repeating: 0,
            count: reflux_attention_scratch([Int32(shape.count)], 1, Int32(shape.width)))
        x.withUnsafeBufferPointer { x in
            guard let x = x.baseAddress else { return }
            reflux_attention(
                x, x + shape.keyOffset, x + shape.valueOffset, shape.stride,
                [Int32(shape.count)], 1, Int32(shape.group), Int32(shape.width), shape.scale,
                &out, shape.group * shape.width, 1, nil, 0, &scratch)
        }
        #expect(out == rounded)
    }
}
