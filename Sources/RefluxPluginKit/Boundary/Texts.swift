package import CRefluxPlugin

// Texts on both sides of the boundary: pointer and length there, String here.

extension reflux_string {
    /// The text, copied; `nil` when there is none. Wrong UTF-8 is repaired.
    package var text: String? {
        guard let data else { return nil }
        return String(
            decoding: UnsafeRawBufferPointer(start: data, count: Int(length)), as: UTF8.self)
    }

    /// No text.
    package static var absent: reflux_string { reflux_string(data: nil, length: 0) }

    /// A text that is never freed: for the constant tables of a plugin.
    package static func immortal(_ text: String) -> reflux_string {
        let bytes = Array(text.utf8)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
        for (index, byte) in bytes.enumerated() { copy[index] = CChar(bitPattern: byte) }
        copy[bytes.count] = 0
        return reflux_string(data: copy, length: UInt64(bytes.count))
    }
}

/// Lends a text for a call.
package func lend<Result>(_ text: String, _ body: (reflux_string) throws -> Result) rethrows
    -> Result
{
    var text = text
    let count = UInt64(text.utf8.count)
    // withCString ends the bytes with a NUL, so that even an empty text has an address.
    return try text.withUTF8 { bytes in
        guard let start = bytes.baseAddress else {
            return try "".withCString { try body(reflux_string(data: $0, length: 0)) }
        }
        return try start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
            try body(reflux_string(data: $0, length: count))
        }
    }
}

/// Lends a text, or none, for a call.
package func lend<Result>(_ text: String?, _ body: (reflux_string) throws -> Result) rethrows
    -> Result
{
    guard let text else { return try body(.absent) }
    return try lend(text, body)
}

/// The value of `struct_size`: the end of the last field (REFLUX_STRUCT_SIZE of the header).
package func structSize<Root, Value>(through last: KeyPath<Root, Value>) -> UInt32 {
    UInt32((MemoryLayout<Root>.offset(of: last) ?? 0) + MemoryLayout<Value>.size)
}
