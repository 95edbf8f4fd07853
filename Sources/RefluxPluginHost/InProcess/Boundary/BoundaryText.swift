import CRefluxPlugin
import Glibc

/// Why a text of a plugin cannot be taken, as the end of a sentence: "is not UTF-8".
struct TextFault: Error {
    /// What is wrong.
    let found: String

    /// What every text has to be.
    static let wanted = "UTF-8 without NUL of at most 1 MiB"
}

/// Texts across the boundary.
enum BoundaryText {
    /// The most bytes of one text.
    static let limit: UInt64 = 1 << 20

    /// Copies a text of a plugin.
    ///
    /// - Returns: the text, or `nil` where there is none (which is not an empty one).
    /// - Throws: ``TextFault``.
    static func read(_ string: reflux_string) throws(TextFault) -> String? {
        guard let data = string.data else {
            guard string.length == 0 else {
                throw TextFault(found: "has no data for its \(string.length) bytes")
            }
            return nil
        }
        guard string.length <= limit else {
            throw TextFault(found: "has \(string.length) bytes")
        }
        let count = Int(string.length)
        guard count > 0 else { return "" }
        guard memchr(data, 0, count) == nil else { throw TextFault(found: "has a NUL in it") }
        let bytes = UnsafeRawBufferPointer(start: data, count: count)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw TextFault(found: "is not UTF-8")
        }
        return text
    }

    /// The start of a text for people, repaired where it is damaged: never refused.
    static func readLoosely(_ string: reflux_string, atMost limit: Int) -> String {
        guard let data = string.data else { return "" }
        let count = Int(min(string.length, UInt64(limit)))
        return String(decoding: UnsafeRawBufferPointer(start: data, count: count), as: UTF8.self)
    }
}
