import CKernels
import COneDNN

/// The weights of a linear layer, `[outputs, inputs]`, ready for its products.
///
/// `y = x Wᵀ` and, for trainable layers, `dx = dy W`. The weights themselves lie in the model's
/// flat buffer; this holds copies of them in the order and the type that the products want, made by
/// ``refresh(task:)`` after every change. ``WeightGradient`` is the third product.
///
/// Functions without a pool run on the calling thread and may be called from the tasks of a job.
final class WeightMatrix: @unchecked Sendable {
    let outputs: Int
    let inputs: Int
    let arithmetic: Arithmetic
    private let weights: UnsafePointer<Float>
    /// The first weight's index among the model's parameters.
    private let index: Int
    private let forward: PackedBlock
    /// Parts of the outputs, so that the products of few rows can be spread over the pool.
    private let slices: [(columns: Range<Int>, block: PackedBlock)]
    private var backward: PackedBlock?

    /// Prepares a matrix whose weights lie at `weights`, the first of them with an index among the
    /// model's parameters; call ``refresh(task:)`` before any product. Only a `trainable` one can do ``multiplyTransposed(operand:rows:into:)``, or one
    /// after ``prepareBackward()``.
    ///
    /// Throws ``RefluxError`` of kind `system` when the library refuses or memory is short.
    init(
        outputs: Int, inputs: Int, weights: UnsafePointer<Float>, index: Int = 0,
        arithmetic: Arithmetic, trainable: Bool
    ) throws {
        self.outputs = outputs
        self.inputs = inputs
        self.weights = weights
        self.index = index
        self.arithmetic = arithmetic
        let whole = try PackedBlock(columns: outputs, depth: inputs, arithmetic: arithmetic)
        forward = whole
        let multiple = arithmetic.library == .own ? Int(REFLUX_PANEL) : 64
        let parts = Self.cut(outputs, multiple: multiple).map { ($0, PackedBlock($0, of: whole)) }
        let usable = parts.compactMap { part in part.1.map { (part.0, $0) } }
        slices = usable.count == parts.count ? usable : [(0..<outputs, whole)]
        backward =
            trainable
            ? try PackedBlock(columns: inputs, depth: outputs, arithmetic: arithmetic) : nil
    }

    /// Parts of at most 512 columns, at least two when there are more than 128, each a multiple of
    /// `multiple` but the last. They depend on the number of columns alone.
    static func cut(_ columns: Int, multiple: Int = 64) -> [Range<Int>] {
        let count = max(columns > 128 ? 2 : 1, (columns + 511) / 512)
        let size = ((columns + count - 1) / count + multiple - 1) / multiple * multiple
        return stride(from: 0, to: columns, by: size).map { $0..<min(columns, $0 + size) }
    }

    /// Makes room for the way back, if there is none; whether there was none. ``refresh(task:)`` has
    /// then to be called anew.
    ///
    /// Throws ``RefluxError`` of kind `system` when memory is short.
    func prepareBackward() throws -> Bool {
        guard backward == nil else { return false }
        backward = try PackedBlock(columns: inputs, depth: outputs, arithmetic: arithmetic)
        return true
    }

    /// The tasks of ``refresh(task:)``: independent, to be run for every index below this.
    var refreshTasks: Int { backward == nil ? 1 : 2 }

    /// Takes over the present weights, one part of it.
    func refresh(task: Int) {
        if task == 0 {
            // Element (input, output) of the transposed weights.
            forward.fill(from: weights, index: index, rowStride: 1, columnStride: inputs)
        } else {
            backward?.fill(from: weights, index: index, rowStride: inputs, columnStride: 1)
        }
    }

    /// `y[rows, outputs] = x[rows, inputs] Wᵀ`, or `+=`. `x` is of the arithmetic's type.
    func multiply(
        operand x: UnsafeRawPointer, rows: Int, into y: UnsafeMutablePointer<Float>,
        accumulate: Bool = false
    ) {
        forward.multiply(x, rows: rows, into: y, outStride: outputs, accumulate: accumulate)
    }

    /// `dx[rows, inputs] = dy[rows, outputs] W`. `dy` is of the arithmetic's type.
    func multiplyTransposed(
        operand dy: UnsafeRawPointer, rows: Int, into dx: UnsafeMutablePointer<Float>
    ) {
        backward?.multiply(dy, rows: rows, into: dx, outStride: inputs, accumulate: false)
    }

    /// `y[rows, outputs] = x[rows, inputs] Wᵀ`, or `+=`, of floats, on the pool.
    ///
    /// Many rows are spread by rows, few by outputs.
    func multiply(
        _ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>,
        accumulate: Bool = false, pool: ComputePool
    ) {
        guard rows > 0 else { return }
        guard rows < 128 else {
            pool.runBlocks(rows, size: 64) { range in
                multiply(
                    operand: Operand.convert(
                        x + range.lowerBound * inputs, count: range.count * inputs, arithmetic),
                    rows: range.count, into: y + range.lowerBound * outputs,
                    accumulate: accumulate)
            }
            return
        }
        let shared = Operand.prepare(x, rows: rows, width: inputs, arithmetic, pool: pool)
        pool.run(slices.count) { task in
            let slice = slices[task]
            slice.block.multiply(
                prepared: shared, rows: rows, into: y + slice.columns.lowerBound,
                outStride: outputs,
                accumulate: accumulate)
        }
    }
}
