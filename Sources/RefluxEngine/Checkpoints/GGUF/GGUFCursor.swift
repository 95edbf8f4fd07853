import RefluxCore

/// Reads the beginning of a GGUF file value by value, and never beyond what is there.
///
/// The bytes may be the first part of the file only; where they end before the file does, reading
/// throws ``NeedsMore``, and the caller begins again with more of them.
struct GGUFCursor {
    /// The bytes at hand end before what is read next; the file does not.
    struct NeedsMore: Error {}

    private let bytes: [UInt8]
    private let fileSize: Int
    private let path: String
    /// The next byte.
    private(set) var position = 0

    /// Starts at the first byte.
    init(_ bytes: [UInt8], fileSize: Int, path: String) {
        self.bytes = bytes
        self.fileSize = fileSize
        self.path = path
    }

    /// The next bytes. `what` is for errors.
    mutating func take(_ count: Int, _ what: @autoclosure () -> String) throws -> ArraySlice<UInt8>
    {
        guard count >= 0, count <= fileSize - position else {
            throw RefluxError(
                .input, found: "the file ends in \(what())",
                at: SourceLocation(path: path), wanted: "\(count) bytes from byte \(position) on",
                remedy: "The file was cut off or is damaged; download or copy it again.")
        }
        guard count <= bytes.count - position else { throw NeedsMore() }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// The next number, little-endian.
    mutating func number<T: FixedWidthInteger>(
        _ type: T.Type, _ what: @autoclosure () -> String
    ) throws -> T {
        try take(T.bitWidth / 8, what()).reversed().reduce(T.zero) {
            $0 << 8 | T(truncatingIfNeeded: $1)
        }
    }

    /// The next 8 bytes as the number of items that follow, of which each takes at least `bytes`.
    mutating func count(ofItems bytes: Int, _ what: @autoclosure () -> String) throws -> Int {
        let count = try number(UInt64.self, what())
        guard count <= UInt64((fileSize - position) / bytes) else {
            throw RefluxError(
                .input, found: "\(count) for \(what())", at: SourceLocation(path: path),
                wanted: "no more than the file has room for",
                remedy: "The file is damaged; download or copy it again.")
        }
        return Int(count)
    }

    /// The next text: 8 bytes of length, then UTF-8.
    mutating func text(_ what: @autoclosure () -> String) throws -> String {
        let length = try count(ofItems: 1, "the length of \(what())")
        let bytes = try take(length, what())
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw RefluxError(
                .input, found: "\(what()) is not UTF-8",
                at: SourceLocation(path: path), wanted: "a text",
                remedy: "The file is damaged; download or copy it again.")
        }
        return text
    }
}
