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

    private func forward(_ x: [Float], _ s: Shape) -> (out: [Float], logSums: [Float]) {
        var out = [Float](repeating: 9, count: s.count * s.group * s.width)
        var logSums = [Float](repeating: 9, count: s.count * s.group)
        let scratch = [Float](
            repeating: .nan, count: reflux_attention_scratch(Int32(s.count), Int32(s.width)))
        var memory = scratch
        x.withUnsafeBufferPointer { x in
            guard let x = x.baseAddress else { return }
            reflux_attention(
                x, x + s.keyOffset, x + s.valueOffset, s.stride, Int32(s.count), Int32(s.group),
                Int32(s.width), s.scale, &out, s.group * s.width, 0, &logSums, s.group, &memory)
        }
        return (out, logSums)
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
        var gradient = [Float](repeating: 0, count: x.count)
        var scratch = [Float](
            repeating: .nan,
            count: reflux_attention_backward_scratch(Int32(shape.count), Int32(shape.width)))
        let logSums = forward(x, shape).logSums
        gradient.withUnsafeMutableBufferPointer { d in
            x.withUnsafeBufferPointer { x in
                guard let x = x.baseAddress, let d = d.baseAddress else { return }
                reflux_attention_backward(
                    x, x + shape.keyOffset, x + shape.valueOffset, shape.stride,
                    Int32(shape.count), Int32(shape.group), Int32(shape.width), shape.scale, dout,
                    shape.group * shape.width, logSums, shape.group, d, d + shape.keyOffset,
                    d + shape.valueOffset, &scratch)
            }
        }
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

    @Test func resultsInBFloat16AreTheRoundedOnes() {
        let shape = Self.shapes[2]
        let x = KernelsElementwiseTests.numbers(shape.count * shape.stride, seed: 5)
        let exact = forward(x, shape).out
        var rounded = [UInt16](repeating: 0, count: exact.count)
        reflux_to_bf16(exact, &rounded, exact.count)
        var out = [UInt16](repeating: 0, count: exact.count)
        var scratch = [Float](
            repeating: 0,
            count: reflux_attention_scratch(Int32(shape.count), Int32(shape.width)))
        x.withUnsafeBufferPointer { x in
            guard let x = x.baseAddress else { return }
            reflux_attention(
                x, x + shape.keyOffset, x + shape.valueOffset, shape.stride, Int32(shape.count),
                Int32(shape.group), Int32(shape.width), shape.scale, &out,
                shape.group * shape.width, 1, nil, 0, &scratch)
        }
        #expect(out == rounded)
    }
}
