import CRefluxPlugin
import RefluxPluginKit

/// The memory of one call: inputs that must not change, and buffers between guards. It is freed with
/// the arena.
final class Arena {
    private var blocks: [(start: UnsafeMutableRawPointer, bytes: [UInt8])] = []
    private var guarded: [(start: UnsafeMutableRawPointer, count: Int, name: String)] = []
    private static let guardBytes = 64
    private static let guardValue: UInt8 = 0xA5

    deinit {
        for block in blocks { block.start.deallocate() }
        for block in guarded { block.start.deallocate() }
    }

    /// An input array; NULL when it is empty and may be left out.
    func array<Element>(_ values: [Element], emptyIsNull: Bool = true) -> UnsafePointer<Element>? {
        if values.isEmpty, emptyIsNull { return nil }
        let size = MemoryLayout<Element>.stride * max(1, values.count)
        let block = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        block.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        let start = block.bindMemory(to: Element.self, capacity: max(1, values.count))
        for (index, value) in values.enumerated() { start[index] = value }
        blocks.append((block, Array(UnsafeRawBufferPointer(start: block, count: size))))
        return UnsafePointer(start)
    }

    /// An input struct.
    func pointer<Value>(to value: Value) -> UnsafePointer<Value>? {
        array([value])
    }

    /// Input structs, as the array of pointers that the boundary wants.
    func pointers<Value>(to values: [Value]) -> UnsafePointer<UnsafePointer<Value>?>? {
        array(values.map { pointer(to: $0) }, emptyIsNull: false)
    }

    /// An input text, or none.
    func string(_ text: String?) -> reflux_string {
        guard let text else { return .absent }
        let bytes = array(text.utf8.map { CChar(bitPattern: $0) }, emptyIsNull: false)
        return reflux_string(data: bytes, length: UInt64(text.utf8.count))
    }

    /// An output buffer of the host, between guards.
    func buffer<Element>(_ value: Element, count: Int, _ name: String)
        -> UnsafeMutablePointer<Element>
    {
        let size = MemoryLayout<Element>.stride * count
        let total = size + 2 * Self.guardBytes
        let block = UnsafeMutableRawPointer.allocate(byteCount: total, alignment: 64)
        block.initializeMemory(as: UInt8.self, repeating: Self.guardValue, count: total)
        let start = (block + Self.guardBytes).bindMemory(to: Element.self, capacity: count)
        start.initialize(repeating: value, count: count)
        guarded.append((block, size, name))
        return start
    }

    /// Whether inputs and guards are as they were.
    ///
    /// - Throws: ``MockHostError`` of kind `contract` when they are not.
    func check() throws {
        for block in blocks {
            let now = UnsafeRawBufferPointer(start: block.start, count: block.bytes.count)
            guard now.elementsEqual(block.bytes) else {
                throw MockHostError.contract("The plugin changed its input.")
            }
        }
        for block in guarded {
            let whole = UnsafeRawBufferPointer(
                start: block.start, count: block.count + 2 * Self.guardBytes)
            let before = whole.prefix(Self.guardBytes)
            let after = whole.suffix(Self.guardBytes)
            guard [before, after].joined().allSatisfy({ $0 == Self.guardValue }) else {
                throw MockHostError.contract(
                    "The plugin wrote outside of the buffer of \(block.name).")
            }
        }
    }
}
