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
    private let storage: Storage
    /// A slice's matrix, which owns the memory.
    private let whole: PackedBlock?

    private enum Storage {
        case oneDNN(OpaquePointer)
        /// Panels of 32 columns; the bytes that are owned, 0 of a slice.
        case panels(UnsafeMutableRawPointer, bytes: Int)
        /// 8-bit integers with their scales; the bytes that are owned, 0 of a slice.
        case int8(UnsafeMutableRawPointer, bytes: Int)
        /// OpenBLAS packs for itself in every call: only where the matrix lies is kept, by the whole.
        case source(firstColumn: Int)
    }

    private var source: UnsafePointer<Float>?
    private var rowStride = 0
    private var columnStride = 0

    /// Makes room for a matrix.
    ///
    /// - Throws: ``RefluxError`` of kind `system` when the library refuses or memory is short.
    init(columns: Int, depth: Int, arithmetic: Arithmetic) throws {
        self.columns = columns
        self.depth = depth
        self.arithmetic = arithmetic
        whole = nil
        storage = try Self.makeStorage(columns: columns, depth: depth, arithmetic)
    }

    private static func makeStorage(
        columns: Int, depth: Int, _ arithmetic: Arithmetic
    ) throws -> Storage {
        switch arithmetic.library {
        case .openBLAS:
            return .source(firstColumn: 0)
        case .oneDNN:
            let packed = reflux_dnnl_packed_create(Int32(columns), Int32(depth), arithmetic.type)
            if let packed { return .oneDNN(packed) }
            throw RefluxError(
                .system,
                found: "oneDNN has no \(arithmetic) product of depth \(depth), or memory is short",
                remedy: "Ask for precision f32, or free memory.")
        case .own:
            let bytes =
                arithmetic.hasInt8Weights
                ? reflux_int8_matrix_bytes(Int32(columns), Int32(depth))
                : reflux_panel_bytes(Int32(columns), Int32(depth), arithmetic.flag)
            if let memory = reflux_allocate(bytes) {
                return arithmetic.hasInt8Weights
                    ? .int8(memory, bytes: bytes) : .panels(memory, bytes: bytes)
            }
            throw RefluxError(
                .system, found: "no memory for \(bytes) bytes of weights",
                remedy: "Free memory, or take a smaller model.")
        }
    }

    /// Some columns of a matrix, as a view; `nil` when the library's order does not allow it.
    init?(_ range: Range<Int>, of whole: PackedBlock) {
        columns = range.count
        depth = whole.depth
        arithmetic = whole.arithmetic
        self.whole = whole
        switch whole.storage {
        case .oneDNN(let matrix):
            let slice = reflux_dnnl_packed_slice(
                matrix, Int32(range.lowerBound), Int32(range.count))
            guard let slice else { return nil }
            storage = .oneDNN(slice)
        case .panels(let memory, _):
            guard range.lowerBound % Int(REFLUX_PANEL) == 0 else { return nil }
            let before = reflux_panel_bytes(
                Int32(range.lowerBound), Int32(depth), arithmetic.flag)
            storage = .panels(memory + before, bytes: 0)
        case .int8(let memory, _):
            guard range.lowerBound % Int(REFLUX_PANEL) == 0 else { return nil }
            let before = reflux_int8_column_offset(Int32(range.lowerBound), Int32(depth))
            storage = .int8(memory + before, bytes: 0)
        case .source:
            storage = .source(firstColumn: range.lowerBound)
        }
    }

    deinit {
        switch storage {
        case .oneDNN(let packed): reflux_dnnl_packed_destroy(packed)
        case .panels(let memory, let bytes), .int8(let memory, let bytes):
            if bytes > 0 { reflux_free(memory, bytes) }
        case .source: break
        }
    }

    /// Takes over the columns from `first` on of the matrix whose element (row, column) is at
    /// `row * rowStride + column * columnStride`; one stride is 1. Not for slices.
    ///
    /// In bf16, an element is rounded up or down by its own index, which is `index` for the first one:
    /// several blocks of the same numbers agree when their indices do.
    func fill(
        from matrix: UnsafePointer<Float>, index: Int, rowStride: Int, columnStride: Int
    ) {
        switch storage {
        case .source:
            source = matrix
            self.rowStride = rowStride
            self.columnStride = columnStride
        case .panels(let memory, _):
            reflux_fill_panels(
                matrix, index, rowStride, columnStride, Int32(depth), Int32(columns), memory,
                arithmetic.flag)
        case .int8(let memory, _):
            reflux_fill_int8_matrix(
                matrix, rowStride, columnStride, Int32(depth), Int32(columns), memory)
        case .oneDNN(let packed):
            fill(
                packed, from: matrix, index: index, rowStride: rowStride,
                columnStride: columnStride)
        }
    }

    private func fill(
        _ packed: OpaquePointer, from matrix: UnsafePointer<Float>, index: Int, rowStride: Int,
        columnStride: Int
    ) {
        guard arithmetic.isBFloat16 else {
            Product.check(reflux_dnnl_pack(packed, matrix, Int64(rowStride), Int64(columnStride)))
            return
        }
        let (rows, width) = rowStride == 1 ? (columns, depth) : (depth, columns)
        let scratch = ThreadScratch.operand.bytes(rows * width * 2)
        reflux_round_weights(
            matrix, index, max(rowStride, columnStride),
            scratch.assumingMemoryBound(to: UInt16.self), width, Int32(rows), Int32(width))
        Product.check(
            reflux_dnnl_pack(
                packed, scratch, rowStride == 1 ? 1 : Int64(width),
                rowStride == 1 ? Int64(width) : 1))
    }

    /// `y[rows, columns] = x[rows, depth] B`, or `+=`; `x` is of the arithmetic's type, rows of `y` are
    /// `outStride` floats apart.
    func multiply(
        _ x: UnsafeRawPointer, rows: Int, into y: UnsafeMutablePointer<Float>, outStride: Int,
        accumulate: Bool
    ) {
        guard arithmetic.hasInt8Weights else {
            return multiply(
                prepared: x, rows: rows, into: y, outStride: outStride, accumulate: accumulate)
        }
        let bytes = arithmetic.preparedBytes(width: depth)
        let rounded = ThreadScratch.product.bytes(rows * bytes)
        reflux_round_rows(
            x.assumingMemoryBound(to: Float.self), Int32(rows), Int32(depth), rounded)
        multiply(
            prepared: rounded, rows: rows, into: y, outStride: outStride, accumulate: accumulate)
    }

    /// The same of rows that ``Operand/prepare(_:rows:width:_:pool:)`` gave.
    func multiply(
        prepared x: UnsafeRawPointer, rows: Int, into y: UnsafeMutablePointer<Float>,
        outStride: Int,
        accumulate: Bool
    ) {
        switch storage {
        case .oneDNN(let packed):
            Product.check(
                reflux_dnnl_multiply_packed(
                    packed, Int32(rows), x, y, Int64(outStride), accumulate ? 1 : 0))
        case .panels(let memory, _):
            reflux_multiply_panels(
                x, Int32(rows), Int32(depth), memory, Int32(columns), y, outStride,
                accumulate ? 1 : 0, arithmetic.flag, ThreadScratch.forProduct)
        case .int8(let memory, _):
            reflux_multiply_int8(
                x, Int32(rows), Int32(depth), memory, Int32(columns), y, outStride,
                accumulate ? 1 : 0)
        case .source(let firstColumn):
            let matrix = whole ?? self
            guard let source = matrix.source else { return }
            let isTransposed = matrix.rowStride == 1
            cblas_sgemm(
                CblasRowMajor, CblasNoTrans, isTransposed ? CblasTrans : CblasNoTrans,
                blasint(rows), blasint(columns), blasint(depth), 1,
                x.assumingMemoryBound(to: Float.self), blasint(depth),
                source + firstColumn * matrix.columnStride,
                blasint(max(matrix.rowStride, matrix.columnStride)), accumulate ? 1 : 0, y,
                blasint(outStride))
        }
    }
}
