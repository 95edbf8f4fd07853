import CKernels
import Foundation
import RefluxCore

/// AdamW with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101) over the gradients
/// that were collected, in one pass over the parameters.
///
///     g = gradient min(1, maxGradientNorm / norm)
///     m = beta1 m + (1 - beta1) g,  v = beta2 v + (1 - beta2) g²
///     w = w (1 - lr decay) - lr m / (1 - beta1ᵗ) / (sqrt(v / (1 - beta2ᵗ)) + epsilon)
final class AdamW: @unchecked Sendable {
    /// One flat array of parameters with everything that belongs to it.
    final class Group: @unchecked Sendable {
        let parameters: UnsafeMutableBufferPointer<Float>
        let gradient: UnsafeMutableBufferPointer<Float>
        let first: UnsafeMutableBufferPointer<Float>
        let second: UnsafeMutableBufferPointer<Float>
        /// Ranges of at most ``piece`` elements, and whether weight decay applies to each.
        let pieces: [(range: Range<Int>, decays: Bool)]

        private static let piece = 1 << 16

        /// Allocates gradient and moments. `parts` are ranges that cover the parameters, with
        /// whether each is decayed.
        ///
        /// Throws ``RefluxError`` of kind `system` when memory is short.
        init(
            _ parameters: UnsafeMutableBufferPointer<Float>,
            parts: [(range: Range<Int>, decays: Bool)]
        ) throws {
            self.parameters = parameters
            gradient = try FloatBuffer.allocate(parameters.count, for: "the gradient")
            first = try FloatBuffer.allocate(parameters.count, for: "the first moments")
            second = try FloatBuffer.allocate(parameters.count, for: "the second moments")
            pieces = parts.flatMap { part in
                stride(from: part.range.lowerBound, to: part.range.upperBound, by: Self.piece).map {
                    ($0..<min($0 + Self.piece, part.range.upperBound), part.decays)
                }
            }
        }

        deinit {
            for buffer in [gradient, first, second] { FloatBuffer.free(buffer) }
        }

        /// The address of the gradient.
        var gradientBase: UnsafeMutablePointer<Float> {
            gradient.baseAddress ?? FloatBuffer.empty
        }
    }

    /// The adapter, or the body of a model without one, then the scalar head if there is one.
    let groups: [Group]
    /// Whether the first group is an adapter's.
    let isOfAdapter: Bool
    /// Updates so far.
    var step = 0
    private let pool: ComputePool

    /// An optimizer over a model and its head.
    init(_ model: Transformer, head: ScalarHead?) throws {
        pool = model.pool
        isOfAdapter = model.adapter != nil
        let body = try Group(
            model.adapter?.parameters ?? model.parameters,
            parts: (model.adapter?.layout.entries ?? model.layout.entries)
                .map { ($0.offset..<$0.offset + $0.count, $0.isMatrix) })
        let headGroup = try head.map {
            try Group(
                $0.parameters,
                parts: [(0..<$0.width, true), ($0.width..<$0.width + 1, false)])
        }
        groups = [body] + (headGroup.map { [$0] } ?? [])
    }

    /// Forgets the gradients.
    func clear() {
        for group in groups { group.gradient.update(repeating: 0) }
    }

    /// Applies the gradients and clears them.
    ///
    /// - Throws: ``RefluxError`` of kind `numeric` when the gradient is not finite; then no weight
    ///   has changed and the gradients are cleared.
    func apply(_ update: UpdateSettings) throws -> UpdateReport {
        let norm = gradientNorm()
        guard norm.isFinite else {
            clear()
            throw RefluxError(
                .numeric, found: "the gradient's norm is \(norm) at update \(step + 1)",
                wanted: "a finite number",
                remedy: "Lower the learning rate or the gradient norm at which it is clipped.")
        }
        step += 1
        let clip = update.maxGradientNorm
        let scale = clip > 0 && norm > clip ? clip / norm : 1
        for (index, group) in groups.enumerated() {
            let rate = index == 0 ? nil : update.headLearningRate
            apply(update, to: group, rate: rate ?? update.learningRate, scale: scale)
        }
        return UpdateReport(gradientNorm: norm, step: step)
    }

    /// The norm of the whole gradient, heads included.
    private func gradientNorm() -> Double {
        var sum = 0.0
        for group in groups {
            var sums = [Double](repeating: 0, count: group.pieces.count)
            sums.withUnsafeMutableBufferPointer { sums in
                nonisolated(unsafe) let sums = sums
                pool.run(group.pieces.count) { task in
                    let range = group.pieces[task].range
                    sums[task] = reflux_sum_of_squares(
                        group.gradientBase + range.lowerBound, range.count)
                }
            }
            sum += sums.reduce(0, +)
        }
        return sum.squareRoot()
    }

    private func apply(_ update: UpdateSettings, to group: Group, rate: Double, scale: Double) {
        let count = Double(step)
        func settings(decays: Bool) -> reflux_adamw_step {
            reflux_adamw_step(
                learning_rate: Float(rate), beta1: Float(update.beta1), beta2: Float(update.beta2),
                epsilon: Float(update.epsilon), decay: decays ? Float(update.weightDecay) : 0,
                correction1: Float(1 / (1 - pow(update.beta1, count))),
                correction2: Float(1 / (1 - pow(update.beta2, count))),
                gradient_scale: Float(scale))
        }
        let (decayed, plain) = (settings(decays: true), settings(decays: false))
        guard let weights = group.parameters.baseAddress, let first = group.first.baseAddress,
            let second = group.second.baseAddress
        else { return }
        pool.run(group.pieces.count) { task in
            let (range, decays) = group.pieces[task]
            let at = range.lowerBound
            withUnsafePointer(to: decays ? decayed : plain) { settings in
                reflux_adamw(
                    weights + at, group.gradientBase + at, first + at, second + at, range.count,
                    settings)
            }
        }
    }
}
