import CKernels

/// What an adapter adds to one product of a layer (LoRA: Hu et al., arXiv 2106.09685, eq. 3), forward
/// beside backward.
///
///     y  += s (x Aᵀ) Bᵀ        x [rows, inputs], A [ranks, inputs], B [outputs, ranks]
///     dx += s (dy B) A
///
/// Where the product is that of several matrices, A holds theirs one below the other and B is block
/// diagonal: a part's ranks meet its own outputs alone. That makes each a single dense product, which
/// costs less than several whose results are copied.
///
/// The numbers lie in the adapter's flat buffer; this holds copies in the order and the type that the
/// products want, made by ``refresh()`` after every change. In training, inputs may be dropped first
/// (``AdapterDropout``). Functions without a pool run on the calling thread, as tasks of a job.
final class LowRankMatrix: @unchecked Sendable {
    let place: AdapterLayout.Place
    private let parameters: UnsafePointer<Float>
    private let scale: Float
    private let arithmetic: Arithmetic
    /// B of several parts: `[outputs, ranks]`, zero outside the blocks.
    private let blocks: UnsafeMutableBufferPointer<Float>?
    private let down: PackedBlock
    private let up: PackedBlock
    private let downBack: PackedBlock?
    private let upBack: PackedBlock?

    private var ranks: Int { place.ranks }

    /// Prepares the products; call ``refresh()`` before any.
    ///
    /// Throws ``RefluxError`` of kind `system` when the library refuses or memory is short.
    init(
        _ place: AdapterLayout.Place, parameters: UnsafePointer<Float>, scale: Float,
        arithmetic: Arithmetic, trainable: Bool
    ) throws {
        self.place = place
        self.parameters = parameters
        self.scale = scale
        self.arithmetic = arithmetic
        let (outputs, inputs, ranks) = (place.outputs, place.inputs, place.ranks)
        func block(_ columns: Int, depth: Int) throws -> PackedBlock {
            try PackedBlock(columns: columns, depth: depth, arithmetic: arithmetic)
        }
        down = try block(ranks, depth: inputs)
        up = try block(outputs, depth: ranks)
        downBack = trainable ? try block(inputs, depth: ranks) : nil
        upBack = trainable ? try block(ranks, depth: outputs) : nil
        let isWhole = place.parts.count == 1 && place.parts[0].outputs == 0..<outputs
        blocks = isWhole ? nil : try FloatBuffer.allocate(outputs * ranks, for: "the adapter")
    }

    deinit {
        if let blocks { FloatBuffer.free(blocks) }
    }

    /// Takes over the present numbers.
    func refresh() {
        let lower = parameters + place.down
        down.fill(from: lower, index: place.down, rowStride: 1, columnStride: place.inputs)
        downBack?.fill(from: lower, index: place.down, rowStride: place.inputs, columnStride: 1)
        let upper = assembled()
        let index = place.parts[0].up
        up.fill(from: upper, index: index, rowStride: 1, columnStride: ranks)
        // A matrix of one column may have any distance between columns; the products want one that
        // a whole column fits into.
        upBack?.fill(
            from: upper, index: index, rowStride: ranks,
            columnStride: ranks == 1 ? place.outputs : 1)
    }

    /// B `[outputs, ranks]`.
    private func assembled() -> UnsafePointer<Float> {
        guard let all = blocks?.baseAddress else { return parameters + place.parts[0].up }
        for (index, part) in place.parts.enumerated() {
            let to = all + part.outputs.lowerBound * ranks + index * place.rank
            reflux_copy_rows(
                parameters + part.up, place.rank, to, ranks, Int32(part.outputs.count),
                Int32(place.rank), 0)
        }
        return UnsafePointer(all)
    }

    // MARK: Forward

    /// `y[rows, outputs] += s (x Aᵀ) Bᵀ`. `x` is of the arithmetic's type.
    func add(
        operand x: UnsafeRawPointer, rows: Int, into y: UnsafeMutablePointer<Float>,
        dropout: AdapterDropout.Rows? = nil
    ) {
        let lowered = scratch(rows, rows * ranks)
        var input = x
        if let dropout {
            let left = ThreadScratch.dropout.bytes(rows * place.inputs * arithmetic.elementBytes)
            drop(x, dropout, into: left)
            input = UnsafeRawPointer(left)
        }
        lower(input, rows, to: lowered.operand, through: lowered.floats, dropout)
        up.multiply(
            lowered.operand, rows: rows, into: y, outStride: place.outputs, accumulate: true)
    }

    /// The same of floats, on the pool.
    func add(
        _ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>,
        pool: ComputePool
    ) {
        pool.runBlocks(rows, size: rows < 128 ? 32 : 64) { range in
            let first = range.lowerBound
            add(
                operand: Operand.convert(
                    x + first * place.inputs, count: range.count * place.inputs, arithmetic),
                rows: range.count, into: y + first * place.outputs)
        }
    }

    /// The inputs that dropout leaves. Operand `[rows, inputs]`
    private func drop(
        _ x: UnsafeRawPointer, _ dropout: AdapterDropout.Rows, into out: UnsafeMutableRawPointer
    ) {
        dropout.drop(
            x, width: place.inputs, bytes: arithmetic.elementBytes, site: place.site, into: out)
    }

    /// `s x Aᵀ` as a factor `[rows, ranks]`, from the inputs that dropout left.
    private func lower(
        _ x: UnsafeRawPointer, _ rows: Int, to out: UnsafeMutableRawPointer,
        through floats: UnsafeMutablePointer<Float>, _ dropout: AdapterDropout.Rows?
    ) {
        down.multiply(x, rows: rows, into: floats, outStride: ranks, accumulate: false)
        reflux_scale(floats, trainingScale(dropout), out, arithmetic.flag, rows * ranks)
    }

    // MARK: Backward

    /// `dx[rows, inputs] += s (dy B) A`. `dy` is of the arithmetic's type.
    func addTransposed(
        operand dy: UnsafeRawPointer, rows: Int, into dx: UnsafeMutablePointer<Float>,
        dropout: AdapterDropout.Rows?
    ) {
        let raised = scratch(rows, rows * max(ranks, dropout == nil ? 0 : place.inputs))
        raise(dy, rows, to: raised.operand, through: raised.floats, dropout)
        guard let dropout else {
            downBack?.multiply(
                raised.operand, rows: rows, into: dx, outStride: place.inputs, accumulate: true)
            return
        }
        downBack?.multiply(
            raised.operand, rows: rows, into: raised.floats, outStride: place.inputs,
            accumulate: false)
        dropout.drop(
            raised.floats, width: place.inputs, bytes: MemoryLayout<Float>.stride,
            site: place.site, into: raised.floats)
        reflux_add(dx, raised.floats, rows * place.inputs)
    }

    /// `s dy B` as a factor `[rows, ranks]`.
    private func raise(
        _ dy: UnsafeRawPointer, _ rows: Int, to out: UnsafeMutableRawPointer,
        through floats: UnsafeMutablePointer<Float>, _ dropout: AdapterDropout.Rows?
    ) {
        upBack?.multiply(dy, rows: rows, into: floats, outStride: ranks, accumulate: false)
        reflux_scale(floats, trainingScale(dropout), out, arithmetic.flag, rows * ranks)
    }

    /// The factors of the gradients of A and B for some rows.
    ///
    /// - Parameters:
    ///   - x: the input. Operand `[rows, inputs]`
    ///   - dy: d loss / d output. Operand `[rows, outputs]`
    ///   - rows: how many.
    ///   - factors: where they go.
    ///   - dropout: the masks of the rows.
    func keepFactors(
        input x: UnsafeRawPointer, byOutput dy: UnsafeRawPointer, rows: Range<Int>,
        in factors: AdapterGradients.Factors, dropout: AdapterDropout.Rows?
    ) {
        let bytes = arithmetic.elementBytes
        let at = rows.lowerBound * ranks * bytes
        let floats = scratch(rows.count, rows.count * ranks).floats
        var input = x
        if let dropout, let kept = factors.dropped {
            let left = kept + rows.lowerBound * place.inputs * bytes
            drop(x, dropout, into: left)
            input = UnsafeRawPointer(left)
        }
        lower(input, rows.count, to: factors.lowered + at, through: floats, dropout)
        raise(dy, rows.count, to: factors.raised + at, through: floats, dropout)
    }

    // MARK: Memory

    /// The scale, and with dropout that of the inputs that are left.
    private func trainingScale(_ dropout: AdapterDropout.Rows?) -> Float {
        scale * (dropout?.dropout.scale ?? 1)
    }

    /// A factor `[rows, ranks]` and `count` floats, in this thread's scratch.
    private func scratch(
        _ rows: Int, _ count: Int
    ) -> (operand: UnsafeMutableRawPointer, floats: UnsafeMutablePointer<Float>) {
        let floats = (count + 15) / 16 * 16
        let memory = ThreadScratch.adapter.floats(floats + rows * ranks)
        return (UnsafeMutableRawPointer(memory + floats), memory)
    }
}
