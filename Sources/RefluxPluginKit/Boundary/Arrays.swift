// Arrays on both sides of the boundary: pointer and count there, arrays here.

/// Copies the host's array; empty for NULL.
func array<Element>(_ start: UnsafePointer<Element>?, _ count: UInt64) -> [Element] {
    guard let start else { return [] }
    return Array(UnsafeBufferPointer(start: start, count: Int(count)))
}

/// Copies the host's array of 64-bit counts.
func integers(_ start: UnsafePointer<UInt64>?, _ count: UInt64) -> [Int] {
    array(start, count).map { Int($0) }
}

/// Copies the structs to which the host's array of pointers leads.
func structs<Element>(
    _ start: UnsafePointer<UnsafePointer<Element>?>?, _ count: UInt64
) throws -> [Element] {
    try array(start, count).map { pointer in
        guard let pointer else { throw PluginError("The host gave an array with a NULL in it.") }
        return wholeStruct(pointer)
    }
}

/// A struct of the boundary, which begins with its size: what an older host does not know is zero.
private func wholeStruct<Element>(_ pointer: UnsafePointer<Element>) -> Element {
    let raw = UnsafeRawPointer(pointer)
    let size = MemoryLayout<Element>.size
    let given = min(size, Int(raw.load(as: UInt32.self)))
    guard given < size else { return pointer.pointee }
    return withUnsafeTemporaryAllocation(
        byteCount: size, alignment: MemoryLayout<Element>.alignment
    ) { buffer in
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        buffer.copyMemory(from: UnsafeRawBufferPointer(start: raw, count: given))
        return buffer.load(as: Element.self)
    }
}

/// What a pointer of the host leads to.
func required<Pointee>(_ pointer: UnsafePointer<Pointee>?, _ name: String) throws -> Pointee {
    guard let pointer else { throw PluginError("The host gave NULL for \(name).") }
    return pointer.pointee
}

/// Copies results into the host's buffer.
///
/// - Throws: ``PluginError`` when there are not as many as there have to be. Where the host gave no
///   buffer, results are not wanted, and are left out.
func fill<Element>(
    _ buffer: UnsafeMutablePointer<Element>?, count: UInt64, with values: [Element],
    called name: String
) throws {
    guard let buffer else { return }
    guard values.count == Int(count) else {
        throw PluginError("It gave \(values.count) numbers as \(name), wanted \(count).")
    }
    for (index, value) in values.enumerated() { buffer[index] = value }
}
