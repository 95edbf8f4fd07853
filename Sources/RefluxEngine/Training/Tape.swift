import RefluxCore

/// What a forward pass keeps of its activations.
enum TapeExtent {
    /// Nothing: there is no way back.
    case nothing
    /// What layers begin with; the way back computes the rest once more, a layer at a time (gradient
    /// checkpointing, Chen et al., arXiv 1604.06174). A third more time, a fraction of the memory,
    /// the same bits.
    case inputs
    /// All that the way back reads.
    case everything
}

/// What a forward pass leaves of one layer: its input, and what its way back needs.
///
/// "Operand" arrays have the arithmetic's type, floats or bf16, because they are factors of
/// products.
struct LayerTape {
    /// The layer's input. `[rows, width]`
    var hidden: UnsafeMutablePointer<Float>
    /// 1 / RMS of the input. `[rows]`
    var attentionScale: UnsafeMutablePointer<Float>
    /// The normalised input. Operand `[rows, width]`
    var attentionInput: UnsafeMutableRawPointer
    /// q, k (both turned by their positions) and v. `[rows, projectionWidth]`
    var projected: UnsafeMutablePointer<Float>
    /// q and k before the norms of the heads; only for training in families that have these.
    /// `[rows, queryKeyWidth]`
    var unnormed: UnsafeMutablePointer<Float>?
    /// Logarithms of the softmax denominators. `[rows, heads]`
    var logSums: UnsafeMutablePointer<Float>
    /// What the heads read. Operand `[rows, queryWidth]`
    var attended: UnsafeMutableRawPointer
    /// The input plus the attention's output. `[rows, width]`
    var middle: UnsafeMutablePointer<Float>
    /// 1 / RMS of `middle`. `[rows]`
    var feedForwardScale: UnsafeMutablePointer<Float>
    /// `middle`, normalised. Operand `[rows, width]`
    var feedForwardInput: UnsafeMutableRawPointer
    /// gate and up; kept only for training. Operand `[rows, 2 feedForward]`
    var gateUp: UnsafeMutableRawPointer?
    /// silu(gate) up. Operand `[rows, feedForward]`
    var activation: UnsafeMutableRawPointer
}

/// The activations of a forward pass over `rows` rows, in memory that is kept between passes.
struct Tape {
    /// The layers' activations. Where not everything is kept, all layers share one set: that of the
    /// last one that was computed; with ``TapeExtent/inputs`` each has its own `hidden` and
    /// `attentionScale`.
    var layers: [LayerTape]
    /// What is kept.
    let extent: TapeExtent
    /// The output of the last layer. `[rows, width]`
    var final: UnsafeMutablePointer<Float>
    /// The final-normed states that predict response tokens. Operand `[targets, width]`
    var headInput: UnsafeMutableRawPointer
    /// 1 / RMS of those states before the norm. `[targets]`
    var headScale: UnsafeMutablePointer<Float>
    /// Logarithms of the denominators over the vocabulary. `[targets]`
    var headLogSums: UnsafeMutablePointer<Float>

    /// Takes memory for a pass from an arena, which must have been reset.
    init(
        _ arena: inout Arena, batch: PackedBatch, configuration c: ModelConfiguration,
        arithmetic: Arithmetic, keeping extent: TapeExtent
    ) throws {
        self.extent = extent
        let training = extent != .nothing
        let (rows, targets) = (batch.rows, batch.targets.count)
        func layer() throws -> LayerTape {
            LayerTape(
                hidden: try arena.floats(rows * c.width),
                attentionScale: try arena.floats(rows),
                attentionInput: try arena.operand(rows * c.width, arithmetic),
                projected: try arena.floats(rows * c.projectionWidth),
                unnormed: training && c.headNorms
                    ? try arena.floats(rows * c.queryKeyWidth) : nil,
                logSums: try arena.floats(rows * c.heads),
                attended: try arena.operand(rows * c.queryWidth, arithmetic),
                middle: try arena.floats(rows * c.width),
                feedForwardScale: try arena.floats(rows),
                feedForwardInput: try arena.operand(rows * c.width, arithmetic),
                gateUp: training ? try arena.operand(2 * rows * c.feedForward, arithmetic) : nil,
                activation: try arena.operand(rows * c.feedForward, arithmetic))
        }
        switch extent {
        case .everything:
            layers = try (0..<c.layers).map { _ in try layer() }
            final = try arena.floats(rows * c.width)
        case .inputs:
            let shared = try layer()
            layers = try (0..<c.layers).map { _ in
                var own = shared
                own.hidden = try arena.floats(rows * c.width)
                own.attentionScale = try arena.floats(rows)
                return own
            }
            final = shared.hidden
        case .nothing:
            let shared = try layer()
            layers = [LayerTape](repeating: shared, count: c.layers)
            final = shared.hidden
        }
        headInput = try arena.operand(targets * c.width, arithmetic)
        headScale = try arena.floats(targets)
        headLogSums = try arena.floats(targets)
    }
}
