import CKernels
import COneDNN
import COpenBLAS
import RefluxCore

/// A matrix `[depth, columns]` in the order that the library's products want, or some columns of
/// one.
final class PackedBlock: @unchecked Sendable {
    let columns: Int
    private let depth: Int
    private let arithmetic: Arithmetic
    private let packed: OpaquePointer?
    /// A slice's matrix, which owns the memory.
    private let whole: PackedBlock?
    private let firstColumn: Int
    // OpenBLAS packs for itself in every call: only where the matrix lies is kept.
    private var source: UnsafePointer<Float>?
    private var rowStride = 0
    private var columnStride = 0

    /// Makes room for a matrix.
    ///
    /// - Throws: ``RefluxError`` of kind `system` when the library refuses.
    init(columns: Int, depth: Int, arithmetic: Arithmetic) throws {
        self.columns = columns
        self.depth = depth
        self.arithmetic = arithmetic
        whole = nil
        firstColumn = 0
        guard arithmetic.library == .oneDNN else {
            packed = nil
            return
        }
        packed = reflux_dnnl_packed_create(Int32(columns), Int32(depth), arithmetic.type)
        guard packed != nil else {
            throw RefluxError(
                .system,
                found: "oneDNN has no \(arithmetic) product of depth \(depth), or memory is short",
                remedy: "Ask for precision f32, or free memory.")
        }
    }

    /// Some columns of a matrix, as a view; `nil` when the library's order does not allow it.
    init?(_ range: Range<Int>, of whole: PackedBlock) {
        columns = range.count
        depth = whole.depth
        arithmetic = whole.arithmetic
        firstColumn = range.lowerBound
        self.whole = whole
        guard let matrix = whole.packed else {
            packed = nil
            return
        }
        packed = reflux_dnnl_packed_slice(matrix, Int32(range.lowerBound), Int32(range.count))
        if packed == nil { return nil }
    }

    deinit {
        if let packed { reflux_dnnl_packed_destroy(packed) }
    }

    /// Takes over the columns from `first` on of the matrix whose element (row, column) is at
    /// `row * rowStride + column * columnStride`; one stride is 1. Not for slices.
    func fill(from matrix: UnsafePointer<Float>, rowStride: Int, columnStride: Int) {
        guard let packed else {
            source = matrix
            self.rowStride = rowStride
            self.columnStride = columnStride
            return
        }
        guard arithmetic.isBFloat16 else {
            Product.check(reflux_dnnl_pack(packed, matrix, Int64(rowStride), Int64(columnStride)))
            return
        }
        let (rows, width) = rowStride == 1 ? (columns, depth) : (depth, columns)
        let scratch = ThreadScratch.operand.bytes(rows * width * 2)
        reflux_copy_rows(
            matrix, max(rowStride, columnStride), scratch, width, Int32(rows), Int32(width), 1)
        Product.check(
            reflux_dnnl_pack(
                packed, scratch, rowStride == 1 ? 1 : Int64(width),
                rowStride == 1 ? Int64(width) : 1))
    }

    /// `y[rows, columns] = x[rows, depth] B`, or `+=`; rows of `y` are `outStride` floats apart.
    func multiply(
        _ x: UnsafeRawPointer, rows: Int, into y: UnsafeMutablePointer<Float>, outStride: Int,
        accumulate: Bool
    ) {
        if let packed {
            Product.check(
                reflux_dnnl_multiply_packed(
                    packed, Int32(rows), x, y, Int64(outStride), accumulate ? 1 : 0))
            return
        }
        let matrix = whole ?? self
        guard let source = matrix.source else { return }
        let isTransposed = matrix.rowStride == 1
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, isTransposed ? CblasTrans : CblasNoTrans, blasint(rows),
            blasint(columns), blasint(depth), 1, x.assumingMemoryBound(to: Float.self),
            blasint(depth), source + firstColumn * matrix.columnStride,
            blasint(max(matrix.rowStride, matrix.columnStride)), accumulate ? 1 : 0, y,
            blasint(outStride))
    }
}
