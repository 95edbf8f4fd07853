import Foundation
import RefluxCore
import RefluxFiles

/// A GGUF file, open for reading as 32-bit floats.
///
/// Opening reads and checks the header only; tensors are read on demand in parts, so a large file is
/// never in memory twice. Belongs to one task at a time.
final class GGUFFile {
    /// The file, as the user named it.
    let path: String
    /// Its metadata and the list of its tensors.
    let header: GGUFHeader
    private let file: FileHandle

    /// The bytes of the header that are tried first, and the most of them.
    private static let firstPart = 4 << 20
    private static let largestHeader = 256 << 20
    /// Blocks converted at a time.
    private static let blocks = 1 << 15

    /// Opens a file and checks its header.
    ///
    /// - Throws: `RefluxError` of kind `input` when the file is missing, cut off or damaged.
    init(_ path: String) throws {
        self.path = path
        guard Files.exists(path), !Files.isFolder(path),
            let file = FileHandle(forReadingAtPath: Files.expand(path)),
            let size = try? Int(file.seekToEnd())
        else {
            throw RefluxError(
                .input, found: "the file is missing or unreadable", at: SourceLocation(path: path),
                wanted: "a GGUF file", remedy: "Check the path and who may read it.")
        }
        self.file = file
        header = try Self.readHeader(file, size: size, path: path)
    }

    /// Whether a path is that of a file, which a model folder never is.
    static func isFile(_ path: String) -> Bool { Files.exists(path) && !Files.isFolder(path) }

    private static func readHeader(
        _ file: FileHandle, size: Int, path: String
    ) throws -> GGUFHeader {
        var length = min(size, firstPart)
        while true {
            let bytes = [UInt8](try Self.bytes(of: file, length, at: 0, SourceLocation(path: path)))
            do {
                return try GGUFHeader(bytes, fileSize: size, path: path)
            } catch is GGUFCursor.NeedsMore {
                guard length < min(size, largestHeader) else {
                    throw RefluxError(
                        .input, found: "a header of more than \(length) bytes",
                        at: SourceLocation(path: path), wanted: "at most \(largestHeader)",
                        remedy: "The file is damaged; download or copy it again.")
                }
                length = min(size, largestHeader, 4 * length)
            }
        }
    }

    /// Reads a tensor into memory that holds exactly its elements.
    ///
    /// - Throws: `RefluxError` of kind `input`: no such tensor, another number of elements, or the
    ///   file has become shorter.
    func read(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws {
        let place = SourceLocation(path: path, key: name)
        guard let tensor = header.tensors[name], tensor.count == target.count else {
            throw RefluxError(
                .input, found: header.tensors[name].map { "shape \($0.shape)" } ?? "no such tensor",
                at: place, wanted: "\(target.count) elements")
        }
        let (elements, size) = (tensor.type.blockElements, tensor.type.blockBytes)
        for first in stride(from: 0, to: target.count / elements, by: Self.blocks) {
            let count = min(Self.blocks, target.count / elements - first)
            let bytes = try Self.bytes(
                of: file, count * size, at: tensor.bytes.lowerBound + first * size, place)
            let part = target[first * elements..<(first + count) * elements]
            bytes.withUnsafeBytes { tensor.type.convert($0, to: .init(rebasing: part)) }
        }
    }

    /// Reads a tensor.
    ///
    /// - Throws: as ``read(_:into:)``.
    func read(_ name: String) throws -> [Float] {
        let count = header.tensors[name]?.count ?? 0
        return try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            try read(name, into: .init(rebasing: buffer[..<count]))
            initialized = count
        }
    }

    private static func bytes(
        of file: FileHandle, _ count: Int, at offset: Int, _ place: SourceLocation
    ) throws -> Data {
        let bytes = try? {
            try file.seek(toOffset: UInt64(offset))
            return try file.read(upToCount: count) ?? Data()
        }()
        guard let bytes, bytes.count == count else {
            throw RefluxError(
                .input, found: "the file could not be read to its end", at: place,
                remedy: "The file changed or its disk failed; copy it again.")
        }
        return bytes
    }
}
