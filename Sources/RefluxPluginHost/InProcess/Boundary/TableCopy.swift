import CRefluxPlugin
import Glibc

/// Reads structs of a plugin with respect to their `struct_size`: an older plugin's are shorter, a
/// newer plugin's are longer than this host's.
enum TableCopy {
    /// The largest struct that anybody could mean.
    static let limit: UInt32 = 1 << 16

    /// Why a struct cannot be read.
    struct SizeFault: Error {
        /// What it claims.
        let size: UInt32
        /// The size of the first version of its fields that are required.
        let minimum: UInt32
    }

    /// Copies the fields that a struct has; those that it has not are 0.
    ///
    /// - Parameters:
    ///   - pointer: the struct.
    ///   - sizeOffset: where its `struct_size` stands.
    ///   - minimum: the size up to its last required field.
    ///   - zero: a struct of zeros.
    /// - Returns: the struct as this host knows it.
    /// - Throws: ``SizeFault``.
    static func read<Table>(
        _ pointer: UnsafeRawPointer, sizeOffset: Int = 0, minimum: Int, into zero: Table
    ) throws(SizeFault) -> Table {
        let size = pointer.loadUnaligned(fromByteOffset: sizeOffset, as: UInt32.self)
        guard size >= minimum, size <= limit else {
            throw SizeFault(size: size, minimum: UInt32(minimum))
        }
        var table = zero
        withUnsafeMutableBytes(of: &table) { bytes in
            guard let target = bytes.baseAddress else { return }
            memcpy(target, pointer, min(Int(size), bytes.count))
        }
        return table
    }

    /// The size of a struct whose last field this is, as `REFLUX_STRUCT_SIZE` counts it.
    static func size<Table, Field>(through field: KeyPath<Table, Field>) -> Int {
        (MemoryLayout<Table>.offset(of: field) ?? 0) + MemoryLayout<Field>.size
    }
}
