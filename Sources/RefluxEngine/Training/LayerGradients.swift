import RefluxCore

/// The gradients that travel back through the layers; one set serves all layers in turn.
///
/// In f32 `projectedOperand` is `projected` itself.
struct LayerGradients {
    /// d loss / d (a layer's output, then its middle, then its input). `[rows, width]`
    var hidden: UnsafeMutablePointer<Float>
    /// The same at the output, as a factor. Operand `[rows, width]`
    var output: UnsafeMutableRawPointer
    /// d loss / d (gate, up). Operand `[rows, 2 feedForward]`
    var gateUp: UnsafeMutableRawPointer
    /// The same as `hidden` at the middle, as a factor. Operand `[rows, width]`
    var middle: UnsafeMutableRawPointer
    /// d loss / d attended. `[rows, queryWidth]`
    var attended: UnsafeMutablePointer<Float>
    /// d loss / d (q, k, v). `[rows, projectionWidth]`
    var projected: UnsafeMutablePointer<Float>
    /// The same as a factor. Operand `[rows, projectionWidth]`
    var projectedOperand: UnsafeMutableRawPointer
    /// Sums of each block of rows for the gradients of vectors. `[blocks, BlockSums.count]`
    var sums: UnsafeMutablePointer<Float>
    /// Sums of each group of sequences and key-value head for the norms of the heads.
    /// `[groups, keyValueHeads, 2, headWidth]`; empty in families without them.
    var headNormSums: UnsafeMutablePointer<Float>
    /// The way back to an adapter, where the model has one.
    var adapter: AdapterGradients?

    /// Takes memory for the way back over a batch.
    init(
        _ arena: inout Arena, batch: PackedBatch, configuration c: ModelConfiguration,
        arithmetic: Arithmetic
    ) throws {
        let rows = batch.rows
        hidden = try arena.floats(rows * c.width)
        output = try arena.operand(rows * c.width, arithmetic)
        gateUp = try arena.operand(2 * rows * c.feedForward, arithmetic)
        middle = try arena.operand(rows * c.width, arithmetic)
        attended = try arena.floats(rows * c.queryWidth)
        projected = try arena.floats(rows * c.projectionWidth)
        projectedOperand =
            arithmetic.isBFloat16
            ? try arena.operand(rows * c.projectionWidth, arithmetic)
            : UnsafeMutableRawPointer(projected)
        let blocks = (rows + Transformer.blockRows - 1) / Transformer.blockRows
        sums = try arena.floats(blocks * BlockSums.count(c))
        let tasks = c.headNorms ? batch.groups.count * c.keyValueHeads : 0
        headNormSums = try arena.floats(tasks * 2 * c.headWidth)
    }
}

/// One row block's sums for the gradients of vectors: blocks are added up in a fixed order, so that
/// results depend neither on timing nor on the number of threads.
struct BlockSums {
    /// `[width]`
    let attentionNorm: UnsafeMutablePointer<Float>
    /// `[projectionWidth]`
    let projectionBias: UnsafeMutablePointer<Float>
    /// `[width]`
    let feedForwardNorm: UnsafeMutablePointer<Float>

    /// Floats of one block.
    static func count(_ c: ModelConfiguration) -> Int { 2 * c.width + c.projectionWidth }

    /// The sums of a block.
    init(_ gradients: LayerGradients, block: Int, _ c: ModelConfiguration) {
        attentionNorm = gradients.sums + block * Self.count(c)
        projectionBias = attentionNorm + c.width
        feedForwardNorm = projectionBias + c.projectionWidth
    }

    /// Sets the sums of one block to zero.
    func clear(_ c: ModelConfiguration) {
        attentionNorm.update(repeating: 0, count: Self.count(c))
    }
}
