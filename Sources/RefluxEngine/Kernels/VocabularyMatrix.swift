import CKernels
import COneDNN

/// The weights of the language-model head, `[vocabulary, width]`, cut along the vocabulary in both
/// directions, so that logits and their gradients can be treated a block of columns at a time.
final class VocabularyMatrix: @unchecked Sendable {
    let vocabulary: Int
    let width: Int
    /// The columns of logits, a block each.
    let blocks: [Range<Int>]
    private let arithmetic: Arithmetic
    private let weights: UnsafePointer<Float>
    /// The first weight's index among the model's parameters.
    private let index: Int
    private let forward: [PackedBlock]
    private var backward: [PackedBlock] = []

    /// Columns of a block: logits of 128 rows fit the second-level cache.
    static let blockColumns = 512

    /// Prepares the head whose weights lie at `weights`; call ``refresh(task:)`` before any
    /// product.
    init(
        vocabulary: Int, width: Int, weights: UnsafePointer<Float>, index: Int = 0,
        arithmetic: Arithmetic, trainable: Bool
    ) throws {
        self.vocabulary = vocabulary
        self.width = width
        self.weights = weights
        self.index = index
        self.arithmetic = arithmetic
        blocks = stride(from: 0, to: vocabulary, by: Self.blockColumns).map {
            $0..<min(vocabulary, $0 + Self.blockColumns)
        }
        forward = try blocks.map {
            try PackedBlock(columns: $0.count, depth: width, arithmetic: arithmetic)
        }
        if trainable { _ = try prepareBackward() }
    }

    /// Makes room for the way back, if there is none; whether there was none. ``refresh(task:)`` has
    /// then to be called anew.
    ///
    /// Throws ``RefluxError`` of kind `system` when memory is short.
    func prepareBackward() throws -> Bool {
        guard backward.isEmpty else { return false }
        backward = try blocks.map {
            try PackedBlock(columns: width, depth: $0.count, arithmetic: arithmetic)
        }
        return true
    }

    /// The tasks of ``refresh(task:)``.
    var refreshTasks: Int { forward.count + backward.count }

    /// Takes over the present weights, one part of it.
    func refresh(task: Int) {
        if task < forward.count {
            let first = blocks[task].lowerBound * width
            forward[task].fill(
                from: weights + first, index: index + first, rowStride: 1, columnStride: width)
        } else {
            let block = task - forward.count
            let first = blocks[block].lowerBound * width
            backward[block].fill(
                from: weights + first, index: index + first, rowStride: width, columnStride: 1)
        }
    }

    /// The logits of one block: `y[rows, block] = x[rows, width] Wᵀ`.
    func logits(
        block: Int, operand x: UnsafeRawPointer, rows: Int, into y: UnsafeMutablePointer<Float>
    ) {
        forward[block].multiply(
            x, rows: rows, into: y, outStride: blocks[block].count, accumulate: false)
    }

    /// `dx[rows, width] += dy[rows, block] W` for one block.
    func addTransposed(
        block: Int, operand dy: UnsafeRawPointer, rows: Int, into dx: UnsafeMutablePointer<Float>
    ) {
        backward[block].multiply(dy, rows: rows, into: dx, outStride: width, accumulate: true)
    }

    /// All logits, `y[rows, vocabulary]`, of floats, on the pool.
    func multiply(
        _ x: UnsafePointer<Float>, rows: Int, into y: UnsafeMutablePointer<Float>,
        pool: ComputePool
    ) {
        guard rows > 0 else { return }
        let size = rows >= 128 ? 64 : rows
        let rowBlocks = (rows + size - 1) / size
        let prepared = Operand.prepare(x, rows: rows, width: width, arithmetic, pool: pool)
        let rowBytes = arithmetic.preparedBytes(width: width)
        // A block of weights stays in the cache for neighbouring tasks, which differ in their rows.
        pool.run(rowBlocks * blocks.count) { task in
            let (block, first) = (task / rowBlocks, task % rowBlocks * size)
            forward[block].multiply(
                prepared: prepared + first * rowBytes, rows: min(size, rows - first),
                into: y + first * vocabulary + blocks[block].lowerBound, outStride: vocabulary,
                accumulate: false)
        }
    }
}
