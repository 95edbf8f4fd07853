import RefluxCore

/// Everything of a GGUF file but its weights, checked against the file's size.
///
/// Format: `GGUF`, version, counts, metadata (key, kind, value), then name, shape, type and offset
/// of each tensor, then, aligned, the data (github.com/ggml-org/ggml, docs/gguf.md).
struct GGUFHeader: Sendable {
    /// One tensor.
    struct Tensor: Sendable, Equatable {
        let type: GGUFType
        /// `[outputs, inputs]` of a matrix: the reverse of how the file has it.
        let shape: [Int]
        /// Where its bytes stand in the file, from the file's beginning.
        let bytes: Range<Int>

        /// The number of elements.
        var count: Int { shape.reduce(1, *) }
    }

    /// The version of the format: 2 or 3.
    let version: Int
    /// The metadata by key.
    let metadata: [String: GGUFValue]
    /// The tensors by name.
    let tensors: [String: Tensor]

    /// Reads a header.
    ///
    /// - Parameters:
    ///   - bytes: the file's beginning.
    ///   - fileSize: the size of the whole file.
    ///   - path: for errors.
    /// - Throws: `RefluxError` of kind `input` that names the key or tensor;
    ///   ``GGUFCursor/NeedsMore`` when the header goes on behind `bytes`.
    init(_ bytes: [UInt8], fileSize: Int, path: String) throws {
        var cursor = GGUFCursor(bytes, fileSize: fileSize, path: path)
        version = try Self.readVersion(&cursor, path)
        let tensorCount = try cursor.count(ofItems: 24, "the tensors")
        let keyCount = try cursor.count(ofItems: 13, "the metadata")
        metadata = try Self.readMetadata(&cursor, keyCount, path)
        let alignment = try Self.alignment(metadata, path)
        var entries: [Entry] = []
        for index in 0..<tensorCount { entries.append(try Entry(&cursor, index, path)) }
        let start = (cursor.position + alignment - 1) / alignment * alignment
        tensors = try Self.place(
            entries, start: start, alignment: alignment, fileSize: fileSize, path: path)
    }

    private static func readVersion(_ cursor: inout GGUFCursor, _ path: String) throws -> Int {
        let place = SourceLocation(path: path)
        guard try cursor.take(4, "its first bytes").elementsEqual("GGUF".utf8) else {
            throw RefluxError(
                .input, found: "the file does not begin with GGUF", at: place,
                wanted: "a model folder or a GGUF file", remedy: "Check the path of the model.")
        }
        let version = try cursor.number(UInt32.self, "the version")
        guard version == 2 || version == 3 else {
            let isSwapped = version.byteSwapped == 2 || version.byteSwapped == 3
            throw RefluxError(
                .input, found: isSwapped ? "a big-endian file" : "version \(version)", at: place,
                wanted: "a little-endian file of version 2 or 3",
                remedy: "Convert the model again with a present llama.cpp.")
        }
        return Int(version)
    }

    private static func readMetadata(
        _ cursor: inout GGUFCursor, _ count: Int, _ path: String
    ) throws -> [String: GGUFValue] {
        var metadata: [String: GGUFValue] = [:]
        for index in 0..<count {
            let key = try cursor.text("key \(index) of the metadata")
            let value = try cursor.value(of: key, path: path)
            guard metadata.updateValue(value, forKey: key) == nil else {
                throw RefluxError(
                    .input, found: "the key twice", at: SourceLocation(path: path, key: key),
                    wanted: "each key once", remedy: "The file is damaged; download it again.")
            }
        }
        return metadata
    }

    private static func alignment(
        _ metadata: [String: GGUFValue], _ path: String
    ) throws -> Int {
        let key = "general.alignment"
        guard let value = metadata[key] else { return 32 }
        guard case .integer(let alignment) = value, (8...1 << 20).contains(alignment),
            alignment % 8 == 0
        else {
            throw RefluxError(
                .input, found: "another alignment", at: SourceLocation(path: path, key: key),
                wanted: "a multiple of 8 up to 1048576",
                remedy: "The file is damaged; download it again.")
        }
        return alignment
    }
}
