import Foundation
import RefluxCore
import RefluxFiles

/// The table of contents of a safetensors file, checked against the file's size.
///
/// Format: 8 bytes little-endian length of the header, the header as JSON (`name` to `dtype`,
/// `shape`, `data_offsets`; `__metadata__` aside), then the data, to which the offsets are relative
/// (huggingface.co/docs/safetensors).
struct SafetensorsHeader: Sendable {
    /// One tensor.
    struct Tensor: Sendable, Equatable {
        let type: SafetensorsType
        let shape: [Int]
        /// Where its bytes stand in the file, from the file's beginning.
        let bytes: Range<Int>

        /// The number of elements.
        var count: Int { bytes.count / type.width }
    }

    /// The largest header that is read, as in the reference implementation.
    static let maximalLength = 100_000_000

    let tensors: [String: Tensor]

    /// Reads a header.
    ///
    /// - Parameters:
    ///   - text: the header's bytes.
    ///   - fileSize: the size of the whole file.
    ///   - path: for errors.
    /// - Throws: `RefluxError` of kind `input` that names the tensor.
    init(_ text: Data, fileSize: Int, path: String) throws {
        let content = try JSONText.decode(Content.self, from: text, path: path)
        let start = 8 + text.count
        var tensors: [String: Tensor] = [:]
        for (name, entry) in content.entries {
            tensors[name] = try Self.check(
                entry, name: name, start: start, fileSize: fileSize, path: path)
        }
        try Self.checkOrder(tensors, start: start, fileSize: fileSize, path: path)
        self.tensors = tensors
    }

    /// Reads the header of a file that is in memory.
    ///
    /// - Throws: as ``init(_:fileSize:path:)``.
    init(file: [UInt8], path: String) throws {
        let length = try Self.length(Data(file.prefix(8)), fileSize: file.count, path: path)
        try self.init(Data(file[8..<8 + length]), fileSize: file.count, path: path)
    }

    /// The bytes of the header, from a file's first 8 bytes.
    ///
    /// - Throws: `RefluxError` of kind `input` when the file has not so many.
    static func length(_ prefix: Data, fileSize: Int, path: String) throws -> Int {
        let place = SourceLocation(path: path)
        guard fileSize >= 8, prefix.count == 8 else {
            throw RefluxError(
                .input, found: "the file has less than 8 bytes", at: place,
                wanted: "a safetensors file", remedy: "Download or write it again.")
        }
        let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= maximalLength, length <= fileSize - 8 else {
            throw RefluxError(
                .input, found: "a header of \(length) bytes in a file of \(fileSize)", at: place,
                wanted: "a safetensors file",
                remedy: "The file is cut off or of another format; download it again.")
        }
        return Int(length)
    }

    private static func check(
        _ entry: SafetensorsEntry, name: String, start: Int, fileSize: Int, path: String
    ) throws -> Tensor {
        let place = SourceLocation(path: path, key: name)
        guard let type = SafetensorsType(rawValue: entry.dtype) else {
            throw RefluxError(
                .input, found: "unknown element type \"\(entry.dtype)\"", at: place,
                wanted: "F32, F16 or BF16", remedy: "Convert the file to BF16.")
        }
        guard entry.offsets.count == 2, let begin = entry.offsets.first,
            let end = entry.offsets.last, begin >= 0, end >= begin
        else {
            throw RefluxError(
                .input, found: "data_offsets \(entry.offsets)", at: place,
                wanted: "a beginning and an end that is not before it", remedy: damaged)
        }
        guard let size = byteCount(entry.shape, type), size == end - begin else {
            throw RefluxError(
                .input, found: "\(end - begin) bytes for shape \(entry.shape) of \(type.rawValue)",
                at: place, wanted: byteCount(entry.shape, type).map { "\($0) bytes" },
                remedy: damaged)
        }
        guard end <= fileSize - start else {
            throw RefluxError(
                .input, found: "the file ends after \(max(0, fileSize - start)) bytes of data",
                at: place, wanted: "at least \(end)",
                remedy: "The file was cut off; download or copy it again.")
        }
        return Tensor(type: type, shape: entry.shape, bytes: start + begin..<start + end)
    }

    /// Tensors must follow one another without a gap or an overlap and fill the file.
    private static func checkOrder(
        _ tensors: [String: Tensor], start: Int, fileSize: Int, path: String
    ) throws {
        var position = start
        let inOrder = tensors.sorted {
            ($0.value.bytes.lowerBound, $0.value.bytes.upperBound)
                < ($1.value.bytes.lowerBound, $1.value.bytes.upperBound)
        }
        for (name, tensor) in inOrder {
            guard tensor.bytes.lowerBound == position else {
                let isOverlap = tensor.bytes.lowerBound < position
                let what = isOverlap ? "overlaps the tensor" : "leaves a gap"
                throw RefluxError(
                    .input,
                    found: "the tensor begins at \(tensor.bytes.lowerBound - start) and \(what) "
                        + "before it",
                    at: SourceLocation(path: path, key: name), wanted: "\(position - start)",
                    remedy: damaged)
            }
            position = tensor.bytes.upperBound
        }
        guard position == fileSize else {
            throw RefluxError(
                .input, found: "\(fileSize - position) bytes after the last tensor",
                at: SourceLocation(path: path), wanted: "none", remedy: damaged)
        }
    }

    /// The bytes of a tensor, or `nil` when a dimension is negative or the product overflows.
    private static func byteCount(_ shape: [Int], _ type: SafetensorsType) -> Int? {
        var size = type.width
        for dimension in shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
            guard dimension >= 0, !overflow else { return nil }
            size = product
        }
        return size
    }

    private static let damaged = "The file is damaged; download or write it again."
}

/// The element types of the format that have a width in whole bytes.
enum SafetensorsType: String, Sendable {
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case float64 = "F64"
    case bool = "BOOL"
    case int8 = "I8"
    case uint8 = "U8"
    case int16 = "I16"
    case uint16 = "U16"
    case int32 = "I32"
    case uint32 = "U32"
    case int64 = "I64"
    case uint64 = "U64"
    case float8E4M3 = "F8_E4M3"
    case float8E5M2 = "F8_E5M2"

    /// The bytes of one element.
    var width: Int {
        switch self {
        case .bool, .int8, .uint8, .float8E4M3, .float8E5M2: 1
        case .float16, .bfloat16, .int16, .uint16: 2
        case .float32, .int32, .uint32: 4
        case .float64, .int64, .uint64: 8
        }
    }
}

/// One tensor of the header, as its JSON has it.
struct SafetensorsEntry: Codable {
    let dtype: String
    let shape: [Int]
    /// Begin and end in the data, in bytes.
    let offsets: [Int]

    enum CodingKeys: String, CodingKey {
        case dtype, shape
        case offsets = "data_offsets"
    }
}

/// The header as JSON.
private struct Content: Decodable {
    struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    var entries: [String: SafetensorsEntry] = [:]

    init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: Name.self)
        for name in table.allKeys where name.stringValue != "__metadata__" {
            entries[name.stringValue] = try table.decode(SafetensorsEntry.self, forKey: name)
        }
    }
}
