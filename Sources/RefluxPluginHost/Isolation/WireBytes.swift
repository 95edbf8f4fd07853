// The one place where the wire format touches memory: numbers and arrays of numbers are copied as
// they lie, in the processor's order, since both ends run the same program on the same machine.

extension [UInt8] {
    /// Appends the bytes of a number.
    mutating func appendRaw(_ value: some BitwiseCopyable) {
        Swift.withUnsafeBytes(of: value) { append(contentsOf: $0) }
    }

    /// Appends the bytes of an array of numbers.
    mutating func appendRaw(contentsOf values: [some BitwiseCopyable]) {
        values.withUnsafeBytes { append(contentsOf: $0) }
    }

    /// Appends the UTF-8 of a text and returns how many bytes it has.
    mutating func appendText(_ text: String) {
        var text = text
        text.withUTF8 { append(contentsOf: $0) }
    }

    /// Replaces the bytes from an offset on by those of a number; they have to be there.
    mutating func replaceRaw(_ value: some BitwiseCopyable, at offset: Int) {
        Swift.withUnsafeBytes(of: value) { bytes in
            replaceSubrange(offset..<offset + bytes.count, with: bytes)
        }
    }

    /// The number at an offset; its bytes have to be there.
    func loadRaw<T: BitwiseCopyable>(_ type: T.Type, at offset: Int) -> T {
        withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
    }

    /// The array of numbers at an offset; its bytes have to be there.
    func loadRaw<T: BitwiseCopyable>(_ type: T.Type, count: Int, at offset: Int) -> [T] {
        [T](unsafeUninitializedCapacity: count) { target, filled in
            let size = count * MemoryLayout<T>.size
            withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(target).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + size]))
            }
            filled = count
        }
    }

    /// The text of a range, or `nil` when it is not UTF-8.
    func loadText(_ range: Range<Int>) -> String? {
        withUnsafeBytes { String(validating: $0[range], as: UTF8.self) }
    }
}
