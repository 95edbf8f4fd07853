import CKernels

extension ComputePool {
    /// Columns that one task of ``addRows(_:to:ids:width:)`` adds.
    private static let columns = 32

    /// `table[ids[r]] += rows[r]`. An id may occur any number of times: what it gets is added in the
    /// order of the rows.
    ///
    /// - Parameters:
    ///   - rows: `[ids, width]`
    ///   - table: `[any, width]`
    ///   - ids: rows of the table.
    ///   - width: floats of a row.
    func addRows(
        _ rows: UnsafePointer<Float>, to table: UnsafeMutablePointer<Float>,
        ids: ArraySlice<Int32>, width: Int
    ) {
        ids.withUnsafeBufferPointer { ids in
            nonisolated(unsafe) let first = ids.baseAddress
            guard let first else { return }
            runBlocks(width, size: Self.columns) { columns in
                reflux_scatter_add(
                    table, first, rows, Int32(ids.count), Int32(width),
                    Int32(columns.lowerBound), Int32(columns.count))
            }
        }
    }
}
