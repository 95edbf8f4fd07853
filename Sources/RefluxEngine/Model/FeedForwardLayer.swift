import CKernels

/// The feed-forward half of a layer, forward beside backward.
///
///     n = rmsnorm(middle)             [rows, width]
///     gate, up = n Wᵀ                 [rows, 2 feedForward]
///     a = silu(gate) up               [rows, feedForward]
///     out = middle + a Wdownᵀ         [rows, width]
///
/// Everything is row-wise and runs on the calling thread, as a task of the pool.
struct FeedForwardLayer {
    let configuration: ModelConfiguration
    let arithmetic: Arithmetic
    let weights: Transformer.Layer
    let dropout: AdapterDropout?

    /// `middle` to `out`, the next layer's input.
    func forward(_ tape: LayerTape, _ rows: Range<Int>, into out: UnsafeMutablePointer<Float>) {
        let c = configuration
        let first = rows.lowerBound
        activate(tape, rows)
        let next = out + first * c.width
        next.update(from: tape.middle + first * c.width, count: rows.count * c.width)
        weights.down.multiply(
            operand: tape.activation + first * c.feedForward * arithmetic.elementBytes,
            rows: rows.count, into: next, accumulate: true, dropout: dropout?.rows(rows))
    }

    /// `middle` to `activation`: all that the way back needs.
    func activate(_ tape: LayerTape, _ rows: Range<Int>) {
        let c = configuration
        let (first, bytes) = (rows.lowerBound, arithmetic.elementBytes)
        let input = tape.feedForwardInput + first * c.width * bytes
        let activation = tape.activation + first * c.feedForward * bytes
        let middle = tape.middle + first * c.width
        reflux_rmsnorm(
            middle, weights.feedForwardNorm, c.normEpsilon, Int32(rows.count), Int32(c.width),
            input, arithmetic.flag, tape.feedForwardScale + first)
        let gateUp = ThreadScratch.gateUp.floats(2 * rows.count * c.feedForward)
        weights.gateUp.multiply(
            operand: input, rows: rows.count, into: gateUp, dropout: dropout?.rows(rows))
        reflux_swiglu(
            gateUp, Int32(rows.count), Int32(c.feedForward), activation, arithmetic.flag,
            tape.gateUp.map { $0 + 2 * first * c.feedForward * bytes })
    }

    /// d loss / d out, which is `gradients.hidden`, to d loss / d middle, in place; keeps the
    /// factors of the weights' gradients and adds the norm's gradient to the row block's own sums.
    func backward(
        _ tape: LayerTape, _ gradients: LayerGradients, _ rows: Range<Int>, sums: BlockSums
    ) {
        guard let kept = tape.gateUp else { return }
        let c = configuration
        let (first, bytes) = (rows.lowerBound, arithmetic.elementBytes)
        let hidden = gradients.hidden + first * c.width
        let out = gradients.output + first * c.width * bytes
        let gateUp = gradients.gateUp + 2 * first * c.feedForward * bytes
        Operand.write(hidden, count: rows.count * c.width, to: out, arithmetic)
        let activation = ThreadScratch.gateUp.floats(rows.count * c.feedForward)
        weights.down.multiplyTransposed(
            operand: out, rows: rows.count, into: activation, dropout: dropout?.rows(rows))
        reflux_swiglu_backward(
            kept + 2 * first * c.feedForward * bytes, activation, Int32(rows.count),
            Int32(c.feedForward), gateUp, arithmetic.flag)
        let normed = ThreadScratch.gradient.floats(rows.count * c.width)
        weights.gateUp.multiplyTransposed(
            operand: gateUp, rows: rows.count, into: normed, dropout: dropout?.rows(rows))
        reflux_rmsnorm_backward(
            tape.middle + first * c.width, weights.feedForwardNorm,
            tape.feedForwardScale + first, normed, Int32(rows.count), Int32(c.width), hidden,
            sums.feedForwardNorm)
    }
}
