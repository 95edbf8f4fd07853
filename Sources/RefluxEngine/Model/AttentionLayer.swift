import CKernels

/// The attention half of a layer, forward beside backward.
///
///     n = rmsnorm(hidden)                      [rows, width]
///     q, k, v = n Wᵀ + b                       [rows, projectionWidth]
///     q, k of each head normed, where the family does it, then turned
///     a = softmax(q kᵀ / sqrt(headWidth)) v    [rows, queryWidth], by group and head
///     middle = hidden + a Woᵀ                  [rows, width]
///
/// Row-wise parts take a range of rows, the rest one group of sequences and one key-value head; both
/// run on the calling thread, as tasks of the pool.
struct AttentionLayer {
    let configuration: ModelConfiguration
    let arithmetic: Arithmetic
    let rope: RotaryTable
    let weights: Transformer.Layer
    let dropout: AdapterDropout?

    private var scale: Float { 1 / Float(configuration.headWidth).squareRoot() }

    /// `hidden` to `projected`.
    func project(_ tape: LayerTape, _ rows: Range<Int>, positions: UnsafePointer<Int32>) {
        let c = configuration
        let first = rows.lowerBound
        let input = tape.attentionInput + first * c.width * arithmetic.elementBytes
        let projected = tape.projected + first * c.projectionWidth
        reflux_rmsnorm(
            tape.hidden + first * c.width, weights.attentionNorm, c.normEpsilon,
            Int32(rows.count), Int32(c.width), input, arithmetic.flag, tape.attentionScale + first)
        weights.projection.multiply(
            operand: input, rows: rows.count, into: projected, dropout: dropout?.rows(rows))
        if let bias = weights.projectionBias {
            reflux_add_bias(
                projected, c.projectionWidth, bias, Int32(rows.count), Int32(c.projectionWidth))
        }
        HeadNorms(c, weights)?.forward(
            projected, rows: rows.count,
            keeping: tape.unnormed.map { $0 + first * c.queryKeyWidth })
        reflux_rope(
            projected, c.projectionWidth, positions + first, Int32(rows.count),
            Int32(c.heads + c.keyValueHeads), Int32(c.headWidth), rope.cosines, rope.sines, 0)
    }

    /// `projected` to `attended` and `logSums` for one group and one key-value head.
    func attend(_ tape: LayerTape, _ group: PackedBatch.Group, head: Int) {
        let c = configuration
        let place = Place(c, group, head)
        let (parts, width) = (Int32(group.lengths.count), Int32(c.headWidth))
        let scratch = ThreadScratch.attention.floats(
            reflux_attention_scratch(group.lengths, parts, width))
        reflux_attention(
            tape.projected + place.query, tape.projected + place.key,
            tape.projected + place.value, c.projectionWidth, group.lengths, parts, Int32(c.group),
            width, scale, tape.attended + place.out * arithmetic.elementBytes, c.queryWidth,
            arithmetic.flag, tape.logSums + place.logSum, c.heads, scratch)
    }

    /// `attended` and `hidden` to `middle`.
    func output(_ tape: LayerTape, _ rows: Range<Int>) {
        let c = configuration
        let first = rows.lowerBound
        let middle = tape.middle + first * c.width
        middle.update(from: tape.hidden + first * c.width, count: rows.count * c.width)
        weights.output.multiply(
            operand: tape.attended + first * c.queryWidth * arithmetic.elementBytes,
            rows: rows.count, into: middle, accumulate: true, dropout: dropout?.rows(rows))
    }

    /// d loss / d middle, which is `gradients.hidden`, to d loss / d attended; keeps it as the
    /// factor of Wo's gradient.
    func outputBackward(_ gradients: LayerGradients, _ rows: Range<Int>) {
        let c = configuration
        let first = rows.lowerBound
        let operand = gradients.middle + first * c.width * arithmetic.elementBytes
        Operand.write(
            gradients.hidden + first * c.width, count: rows.count * c.width, to: operand,
            arithmetic)
        weights.output.multiplyTransposed(
            operand: operand, rows: rows.count, into: gradients.attended + first * c.queryWidth,
            dropout: dropout?.rows(rows))
    }

    /// d loss / d attended to d loss / d (q, k, v before they were turned), for one group and one
    /// key-value head, as floats and as the factor of the projection's gradient. Writes the
    /// gradients of the head norms to the task's own sums.
    func attendBackward(
        _ tape: LayerTape, _ gradients: LayerGradients, _ group: PackedBatch.Group, head: Int,
        positions: UnsafePointer<Int32>, sums: UnsafeMutablePointer<Float>
    ) {
        let c = configuration
        let place = Place(c, group, head)
        let (count, parts) = (Int32(group.count), Int32(group.lengths.count))
        let width = Int32(c.headWidth)
        let d = gradients.projected
        let scratch = ThreadScratch.attention.floats(
            reflux_attention_backward_scratch(group.lengths, parts, width))
        reflux_attention_backward(
            tape.projected + place.query, tape.projected + place.key,
            tape.projected + place.value, c.projectionWidth, group.lengths, parts, Int32(c.group),
            width, scale, gradients.attended + place.out, c.queryWidth,
            tape.logSums + place.logSum, c.heads, d + place.query, d + place.key, d + place.value,
            scratch)
        for (start, heads) in [(place.query, c.group), (place.key, 1)] {
            reflux_rope(
                d + start, c.projectionWidth, positions + group.first, count, Int32(heads), width,
                rope.cosines, rope.sines, 1)
        }
        if let norms = HeadNorms(c, weights), let unnormed = tape.unnormed {
            sums.update(repeating: 0, count: 2 * c.headWidth)
            norms.backward(
                unnormed + group.first * c.queryKeyWidth, d + group.first * c.projectionWidth,
                rows: group.count, head: head, sums: sums)
        }
        guard arithmetic.isBFloat16 else { return }
        for (start, heads) in [(place.query, c.group), (place.key, 1), (place.value, 1)] {
            reflux_copy_rows(
                d + start, c.projectionWidth, gradients.projectedOperand + start * 2,
                c.projectionWidth, count, Int32(heads) * width, 1)
        }
    }

    /// d loss / d (q, k, v) to d loss / d hidden, added to `gradients.hidden`; adds the gradients
    /// of the norm and the bias to the row block's own sums.
    func projectBackward(
        _ tape: LayerTape, _ gradients: LayerGradients, _ rows: Range<Int>, sums: BlockSums
    ) {
        let c = configuration
        let first = rows.lowerBound
        let normed = ThreadScratch.gradient.floats(rows.count * c.width)
        weights.projection.multiplyTransposed(
            operand: gradients.projectedOperand
                + first * c.projectionWidth * arithmetic.elementBytes,
            rows: rows.count, into: normed, dropout: dropout?.rows(rows))
        reflux_rmsnorm_backward(
            tape.hidden + first * c.width, weights.attentionNorm, tape.attentionScale + first,
            normed, Int32(rows.count), Int32(c.width), gradients.hidden + first * c.width,
            sums.attentionNorm)
        if weights.projectionBias != nil {
            reflux_add_column_sums(
                gradients.projected + first * c.projectionWidth, c.projectionWidth,
                Int32(rows.count), Int32(c.projectionWidth), sums.projectionBias)
        }
    }

    /// Where a group's rows of a key-value head, and of the query heads that share it, begin.
    private struct Place {
        let query, key, value, out, logSum: Int

        init(_ c: ModelConfiguration, _ group: PackedBatch.Group, _ head: Int) {
            let row = group.first * c.projectionWidth
            let firstQuery = head * c.group
            query = row + firstQuery * c.headWidth
            key = row + c.queryWidth + head * c.headWidth
            value = key + c.keyValueWidth
            out = group.first * c.queryWidth + firstQuery * c.headWidth
            logSum = group.first * c.heads + firstQuery
        }
    }
}
