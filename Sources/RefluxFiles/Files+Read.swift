public import Foundation
import RefluxCore

extension Files {
    /// The bytes of a file, as they are.
    ///
    /// - Throws: `RefluxError` naming the path when the file is missing or unreadable.
    public static func read(_ path: String) throws -> Data {
        var source = try FileBytes(expand(path))
        var data = Data()
        while let chunk = try source.next() { data.append(contentsOf: chunk) }
        return data
    }

    /// The text of a file, which must be UTF-8. A byte order mark at the start is dropped.
    ///
    /// - Throws: `RefluxError` naming the path when the file is missing, unreadable or not UTF-8.
    public static func readText(_ path: String) throws -> String {
        var data = try read(path)
        if data.starts(with: [0xEF, 0xBB, 0xBF]) { data.removeFirst(3) }
        guard let text = String(data: data, encoding: .utf8) else {
            throw RefluxError(
                .input, found: "the text is not UTF-8", at: SourceLocation(path: path),
                remedy: "Convert the file to UTF-8.")
        }
        return text
    }
}

/// The bytes of a file, a chunk after another.
struct FileBytes: ~Copyable {
    private let file: OpenFile
    private var buffer: [UInt8]

    /// Opens a file; chunks have at most `chunkSize` bytes. Small files get a small buffer.
    init(_ path: String, chunkSize: Int = 1 << 20) throws {
        let opened = try OpenFile(path, .read)
        let size = try opened.size()
        file = opened
        buffer = [UInt8](repeating: 0, count: min(chunkSize, max(4096, size)))
    }

    /// The next bytes, or `nil` at the end.
    mutating func next() throws -> ArraySlice<UInt8>? {
        let count = try file.read(into: &buffer)
        return count == 0 ? nil : buffer[..<count]
    }
}
