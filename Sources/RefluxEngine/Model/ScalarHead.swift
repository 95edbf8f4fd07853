import CKernels
import Foundation
import RefluxCore

/// A scalar head on the final-normed states, forward beside backward: `value = n · w + b`.
///
/// Its parameters are `[width]` weights, then the bias, in a flat buffer of their own.
final class ScalarHead: @unchecked Sendable {
    let width: Int
    /// Whether its gradients stop before the body.
    let isDetached: Bool
    /// `[width + 1]`
    let parameters: UnsafeMutableBufferPointer<Float>

    private static let blockRows = Transformer.blockRows

    /// Makes a head whose weights are normal with the given deviation and whose bias is 0.
    init(width: Int, options: ModelOptions.Head, seed: UInt64) throws {
        self.width = width
        isDetached = options.detached
        parameters = try FloatBuffer.allocate(width + 1, for: "the scalar head")
        guard options.initialDeviation > 0 else { return }
        // A prompt index of its own keeps the numbers apart from those of the body's weights.
        let key = RandomKey(seed: seed, stage: .prepare, prompt: 0x68656164)
        for i in 0..<width {
            parameters[i] = Float(options.initialDeviation * Self.normal(key.words(at: i)))
        }
    }

    /// A normal number by the method of Box and Muller (1958).
    private static func normal(_ words: SIMD4<UInt32>) -> Double {
        let radius = (-2 * log((Double(words.x) + 0.5) * 0x1p-32)).squareRoot()
        return radius * cos(2 * Double.pi * Double(words.y) * 0x1p-32)
    }

    deinit { FloatBuffer.free(parameters) }

    private var weights: UnsafeMutablePointer<Float> {
        parameters.baseAddress ?? FloatBuffer.empty
    }

    /// The values of the states in the rows `ids` of `final`. `[ids]`
    func forward(
        _ final: UnsafePointer<Float>, ids: [Int32], model: Transformer
    ) -> [Float] {
        var values = [Float](repeating: 0, count: ids.count)
        values.withUnsafeMutableBufferPointer { values in
            nonisolated(unsafe) let out = values.baseAddress
            guard let out else { return }
            model.pool.runBlocks(ids.count, size: Self.blockRows) { rows in
                let normed = normalise(final, ids, rows, model)
                reflux_scalar_head(
                    normed.states, weights, parameters[width], Int32(rows.count), Int32(width),
                    out + rows.lowerBound)
            }
        }
        return values
    }

    /// Adds the gradients of the head to `gradient` `[width + 1]`, of the final norm to `norm`, where
    /// it is trained, and, unless detached, of the final states to `hidden`.
    ///
    /// `ids` are the rows that were read; `byValue` is d loss / d value, `[ids]`. Throws
    /// ``RefluxError`` of kind `system` when memory is short.
    func backward(
        _ final: UnsafePointer<Float>, ids: [Int32], byValue: [Float], model: Transformer,
        gradient: UnsafeMutablePointer<Float>, hidden: UnsafeMutablePointer<Float>,
        norm: UnsafeMutablePointer<Float>?, arena: inout Arena
    ) throws {
        let blocks = (ids.count + Self.blockRows - 1) / Self.blockRows
        let size = 2 * width + 1
        let sums = try arena.floats(blocks * size)
        sums.update(repeating: 0, count: blocks * size)
        let changes = isDetached ? nil : try arena.floats(ids.count * width)
        model.pool.runBlocks(ids.count, size: Self.blockRows) { rows in
            let own = sums + rows.lowerBound / Self.blockRows * size
            let normed = normalise(final, ids, rows, model)
            let byState = isDetached ? nil : ThreadScratch.gradient.floats(rows.count * width)
            byValue.withUnsafeBufferPointer { byValue in
                guard let byValue = byValue.baseAddress else { return }
                reflux_scalar_head_backward(
                    normed.states, weights, byValue + rows.lowerBound, Int32(rows.count),
                    Int32(width), own, own + width, byState)
            }
            guard let byState, let changes else { return }
            FinalStates(model: model).backward(
                final, ids: ids[rows], scale: normed.scale, by: byState,
                changes: changes + rows.lowerBound * width, norm: own + width + 1)
        }
        if let changes { model.pool.addRows(changes, to: hidden, ids: ids[...], width: width) }
        for block in 0..<blocks {
            reflux_add(gradient, sums + block * size, width + 1)
            if let norm { reflux_add(norm, sums + block * size + width + 1, width) }
        }
    }

    /// Normalised states of some rows and their scales, in this thread's scratch.
    private func normalise(
        _ final: UnsafePointer<Float>, _ ids: [Int32], _ rows: Range<Int>, _ model: Transformer
    ) -> (states: UnsafeMutablePointer<Float>, scale: UnsafeMutablePointer<Float>) {
        let count = Int32(rows.count)
        let raw = ThreadScratch.rows.floats(rows.count * width)
        let states = ThreadScratch.logits.floats(rows.count * (width + 1))
        let scale = states + rows.count * width
        ids.withUnsafeBufferPointer { ids in
            guard let ids = ids.baseAddress else { return }
            reflux_gather(final, ids + rows.lowerBound, count, Int32(width), raw)
        }
        reflux_rmsnorm(
            raw, model.finalNorm, model.configuration.normEpsilon, count, Int32(width), states, 0,
            scale)
        return (states, scale)
    }
}
