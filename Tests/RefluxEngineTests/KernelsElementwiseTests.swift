import CKernels
import Foundation
import Testing

@testable import RefluxEngine

/// The element-wise kernels against their definitions in doubles, at sizes that are no multiple of
/// any vector; ways back against central differences of those definitions.
@Suite struct KernelsElementwiseTests {
    /// Deterministic numbers between -range and range.
    static func numbers(_ count: Int, seed: UInt64, range: Float = 2) -> [Float] {
        TrainingModel.weights(count, seed: seed).map { $0 * range }
    }

    /// d f / d x[i] of a function of doubles, by central differences.
    static func slope(_ x: [Float], _ i: Int, _ f: ([Double]) -> Double) -> Double {
        var values = x.map { Double($0) }
        let step = 1e-5
        values[i] += step
        let above = f(values)
        values[i] -= 2 * step
        return (above - f(values)) / (2 * step)
    }

    static func dot(_ a: [Double], _ b: [Float]) -> Double {
        zip(a, b).reduce(0) { $0 + $1.0 * Double($1.1) }
    }

    @Test func bf16RoundsToTheNearestEvenAndKeepsNaN() {
        let input: [Float] = [
            0, -0.0, 1, 1 + 0x1p-8, 1 + 0x1p-7, 1 + 3 * 0x1p-8, -1.00390625 - 0x1p-20, 3.4e38,
            .infinity, .nan, 0x1p-130,
        ]
        let wanted: [Float] = [
            0, -0.0, 1, 1, 1 + 0x1p-7, 1 + 0x1p-6, -1.0078125, .infinity, .infinity, .nan,
            0x1p-130,
        ]
        var halves = [UInt16](repeating: 0, count: input.count)
        var output = [Float](repeating: 0, count: input.count)
        reflux_to_bf16(input, &halves, input.count)
        reflux_from_bf16(halves, &output, input.count)
        for (found, expected) in zip(output, wanted) {
            #expect(found == expected || (found.isNaN && expected.isNaN))
        }
    }

    @Test(arguments: [1, 7, 33, 96]) func rmsNormAndItsWayBack(_ width: Int) {
        let (x, w) = (Self.numbers(width, seed: 1), Self.numbers(width, seed: 2))
        let dy = Self.numbers(width, seed: 3)
        func norm(_ x: [Double], _ w: [Double]) -> [Double] {
            let scale = 1 / (x.reduce(0) { $0 + $1 * $1 } / Double(width) + 1e-5).squareRoot()
            return zip(x, w).map { $0 * $1 * scale }
        }
        var (out, scale) = ([Float](repeating: 0, count: width), [Float](repeating: 0, count: 1))
        reflux_rmsnorm(x, w, 1e-5, 1, Int32(width), &out, 0, &scale)
        let exact = norm(x.map(Double.init), w.map(Double.init))
        for (found, wanted) in zip(out, exact) { #expect(abs(Double(found) - wanted) < 1e-5) }

        var (dx, dw) = ([Float](repeating: 1, count: width), [Float](repeating: 2, count: width))
        reflux_rmsnorm_backward(x, w, scale, dy, 1, Int32(width), &dx, &dw)
        for i in 0..<width {
            let byX = Self.slope(x, i) { Self.dot(norm($0, w.map(Double.init)), dy) }
            let byW = Self.slope(w, i) { Self.dot(norm(x.map(Double.init), $0), dy) }
            // Both add to what was there.
            #expect(abs(Double(dx[i]) - 1 - byX) < 1e-4)
            #expect(abs(Double(dw[i]) - 2 - byW) < 1e-4)
        }
    }

    @Test(arguments: [1, 19, 64]) func swiGLUAndItsWayBack(_ width: Int) {
        let input = Self.numbers(2 * width, seed: 4, range: 6)
        let dout = Self.numbers(width, seed: 5)
        func swiglu(_ x: [Double]) -> [Double] {
            (0..<width).map { x[$0] / (1 + exp(-x[$0])) * x[width + $0] }
        }
        var out = [Float](repeating: 0, count: width)
        var kept = [Float](repeating: 0, count: 2 * width)
        reflux_swiglu(input, 1, Int32(width), &out, 0, &kept)
        #expect(kept == input)
        for (found, wanted) in zip(out, swiglu(input.map(Double.init))) {
            #expect(abs(Double(found) - wanted) < 1e-5)
        }
        var gradient = [Float](repeating: 0, count: 2 * width)
        reflux_swiglu_backward(kept, dout, 1, Int32(width), &gradient, 0)
        for i in 0..<2 * width {
            let wanted = Self.slope(input, i) { Self.dot(swiglu($0), dout) }
            #expect(abs(Double(gradient[i]) - wanted) < 1e-4)
        }
    }

    @Test func ropeTurnsPairsAndTurnsThemBack() {
        let (heads, width, rows) = (3, 10, 4)
        let stride = heads * width + 5
        let x = Self.numbers(rows * stride, seed: 6)
        let positions: [Int32] = [0, 1, 5, 2]
        let angles = (0..<6 * width / 2).map { Float($0) * 0.37 }
        let (cosines, sines) = (angles.map { cos($0) }, angles.map { sin($0) })
        var turned = x
        reflux_rope(
            &turned, stride, positions, Int32(rows), Int32(heads - 1), Int32(width), cosines, sines,
            0)
        for r in 0..<rows {
            for i in 0..<stride {
                let (head, part) = (i / width, i % width)
                let at = r * stride + i
                guard head < heads - 1 else {
                    #expect(turned[at] == x[at])
                    continue
                }
                let pair = part % (width / 2)
                let angle = Int(positions[r]) * (width / 2) + pair
                let first = x[r * stride + head * width + pair]
                let second = x[r * stride + head * width + pair + width / 2]
                let wanted =
                    part < width / 2
                    ? first * cosines[angle] - second * sines[angle]
                    : second * cosines[angle] + first * sines[angle]
                #expect(abs(turned[at] - wanted) < 1e-6)
            }
        }
        reflux_rope(
            &turned, stride, positions, Int32(rows), Int32(heads - 1), Int32(width), cosines, sines,
            1)
        for (found, wanted) in zip(turned, x) { #expect(abs(found - wanted) < 1e-5) }
    }

    @Test(arguments: [(1, 1), (37, 37), (100, 23)])
    func runningLogSoftmaxIsLogSoftmax(_ width: Int, _ block: Int) {
        let rows = 3
        let logits = Self.numbers(rows * width, seed: 7, range: 30)
        let targets = (0..<rows).map { Int32($0 * 31 % width) }
        var states = [reflux_softmax_state](
            repeating: reflux_softmax_state(), count: rows)
        reflux_softmax_begin(&states, Int32(rows))
        for first in Swift.stride(from: 0, to: width, by: block) {
            logits.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                reflux_softmax_continue(
                    &states, base + first, width, targets, Int32(rows), Int32(first),
                    Int32(min(block, width - first)), 1)
            }
        }
        var (log, sums) = ([Float](repeating: 0, count: rows), [Float](repeating: 0, count: rows))
        var entropies = [Float](repeating: 0, count: rows)
        reflux_softmax_end(states, Int32(rows), &log, &sums, &entropies)
        for r in 0..<rows {
            let row = logits[r * width..<(r + 1) * width].map(Double.init)
            let exact = Self.logSoftmax(row)
            #expect(abs(Double(log[r]) - exact[Int(targets[r])]) < 2e-5)
            let entropy = -exact.reduce(0) { $0 + exp($1) * $1 }
            #expect(abs(Double(entropies[r]) - entropy) < 2e-5)
        }
    }

    static func logSoftmax(_ row: [Double]) -> [Double] {
        let top = row.max() ?? 0
        let sum = row.reduce(0) { $0 + exp($1 - top) }
        return row.map { $0 - top - Foundation.log(sum) }
    }

    @Test func logSoftmaxWayBack() {
        let (width, target) = (29, 11)
        let logits = Self.numbers(width, seed: 8, range: 4)
        let (byLog, byEntropy): (Float, Float) = (0.7, -1.3)
        func loss(_ x: [Double]) -> Double {
            let log = Self.logSoftmax(x)
            let entropy = -log.reduce(0) { $0 + exp($1) * $1 }
            return Double(byLog) * log[target] + Double(byEntropy) * entropy
        }
        let exact = Self.logSoftmax(logits.map(Double.init))
        let entropy = Float(-exact.reduce(0) { $0 + exp($1) * $1 })
        let sum = Float(Double(logits[0]) - exact[0])
        var gradient = [Float](repeating: 0, count: width)
        reflux_log_softmax_backward(
            logits, width, [Int32(target)], [sum], [entropy], [byLog], [byEntropy], 1, 0,
            Int32(width), &gradient, width, 0)
        for i in 0..<width {
            #expect(abs(Double(gradient[i]) - Self.slope(logits, i, loss)) < 1e-5)
        }
    }

    @Test func scatterAddsWhatGatherTakes() {
        let (rows, width) = (5, 7)
        let table = Self.numbers(4 * width, seed: 9)
        let ids: [Int32] = [3, 0, 3, 2, 3]
        var taken = [Float](repeating: 0, count: rows * width)
        reflux_gather(table, ids, Int32(rows), Int32(width), &taken)
        #expect(taken[2 * width..<3 * width] == table[3 * width..<4 * width])
        var sums = [Float](repeating: 0, count: 4 * width)
        reflux_scatter_add(&sums, ids, taken, Int32(rows), Int32(width), 2, 3)
        for id in 0..<4 {
            let count = Float(ids.filter { $0 == id }.count)
            for i in 0..<width {
                let wanted = (2..<5).contains(i) ? count * table[id * width + i] : 0
                #expect(abs(sums[id * width + i] - wanted) < 1e-5)
            }
        }
    }
}
