import CKernels
import Foundation
import RefluxCore
import RefluxFiles

/// Writes a safetensors file tensor by tensor, so that large ones are never in memory twice.
///
/// The file grows under a temporary name and takes its own in ``finish()``. Belongs to one task.
///
/// ```swift
/// let writer = try SafetensorsWriter(path, tensors: [("head.weight", [64])])
/// try writer.append(weights)
/// try writer.finish()
/// ```
final class SafetensorsWriter {
    /// How elements are stored.
    enum Precision: Sendable {
        /// As they are.
        case float32
        /// Rounded to the nearest, ties to even.
        case bfloat16

        fileprivate var type: SafetensorsType { self == .float32 ? .float32 : .bfloat16 }
    }

    private let path: String
    private let temporary: String
    private let precision: Precision
    private let counts: [Int]
    private var written = 0
    private let file: FileHandle
    private var isFinished = false

    private static let block = 1 << 20

    /// Begins a file; tensors must then be appended in the same order.
    ///
    /// - Throws: `RefluxError` of kind `system` when the file cannot be made.
    init(
        _ path: String, tensors: [(name: String, shape: [Int])], precision: Precision = .float32
    ) throws {
        self.path = path
        self.precision = precision
        counts = tensors.map { $0.shape.reduce(1, *) }
        temporary = Files.expand(path) + ".partial"
        guard FileManager.default.createFile(atPath: temporary, contents: nil),
            let file = FileHandle(forWritingAtPath: temporary)
        else {
            throw RefluxError(
                .system, found: "the file could not be made", at: SourceLocation(path: path),
                remedy: "Check the folder and who may write to it.")
        }
        self.file = file
        try write(Self.header(tensors, counts, precision.type))
    }

    deinit {
        if !isFinished { try? Files.remove(temporary) }
    }

    /// Appends the next tensor.
    ///
    /// - Throws: `RefluxError` of kind `system` when the disk is full.
    func append(_ values: UnsafeBufferPointer<Float>) throws {
        guard written < counts.count, counts[written] == values.count else {
            throw RefluxError(
                .internalFault, found: "tensor \(written) was given \(values.count) elements",
                at: SourceLocation(path: path))
        }
        written += 1
        var done = 0
        while done < values.count {
            let count = min(Self.block, values.count - done)
            try write(stored(.init(rebasing: values[done..<done + count])))
            done += count
        }
    }

    /// Appends the next tensor.
    func append(_ values: [Float]) throws {
        try values.withUnsafeBufferPointer { try append($0) }
    }

    /// Synchronises the file and gives it its name.
    ///
    /// - Throws: `RefluxError` of kind `system`, or of kind `internalFault` when tensors are missing.
    func finish() throws {
        guard written == counts.count else {
            throw RefluxError(
                .internalFault, found: "\(written) of \(counts.count) tensors were written",
                at: SourceLocation(path: path))
        }
        try orDiskError { try file.synchronize() }
        try orDiskError { try file.close() }
        guard rename(temporary, Files.expand(path)) == 0 else {
            throw RefluxError(
                .system, found: "the file could not take its name", at: SourceLocation(path: path))
        }
        isFinished = true
    }

    /// Writes a file of tensors that are in memory.
    static func write(
        _ tensors: [(name: String, shape: [Int], values: [Float])], to path: String
    ) throws {
        let writer = try SafetensorsWriter(path, tensors: tensors.map { ($0.name, $0.shape) })
        for tensor in tensors { try writer.append(tensor.values) }
        try writer.finish()
    }

    private func stored(_ values: UnsafeBufferPointer<Float>) -> Data {
        guard precision == .bfloat16, let source = values.baseAddress else {
            return Data(buffer: values)
        }
        let halves = [UInt16](unsafeUninitializedCapacity: values.count) { buffer, initialized in
            reflux_to_bf16(source, buffer.baseAddress, values.count)
            initialized = values.count
        }
        return halves.withUnsafeBufferPointer { Data(buffer: $0) }
    }

    private func write(_ data: Data) throws {
        try orDiskError { try file.write(contentsOf: data) }
    }

    private func orDiskError(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            throw RefluxError(
                .system, found: "the file could not be written (\(Self.reason(error)))",
                at: SourceLocation(path: path), remedy: "Free space on the disk and run again.")
        }
    }

    /// Foundation keeps the system's own words, such as "No space left on device", behind its error.
    private static func reason(_ error: any Error) -> String {
        let inner = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        guard let inner, inner.domain == NSPOSIXErrorDomain else {
            return error.localizedDescription
        }
        return String(cString: strerror(CInt(truncatingIfNeeded: inner.code)))
    }

    private static func header(
        _ tensors: [(name: String, shape: [Int])], _ counts: [Int], _ type: SafetensorsType
    ) throws -> Data {
        var fields = ["__metadata__": HeaderField.metadata(["format": "pt"])]
        var offset = 0
        for (tensor, count) in zip(tensors, counts) {
            let end = offset + count * type.width
            fields[tensor.name] = .tensor(
                .init(dtype: type.rawValue, shape: tensor.shape, offsets: [offset, end]))
            offset = end
        }
        var text = Data(try JSONText.encode(fields, pretty: false).utf8)
        // The data begins at a multiple of 8, as the reference implementation aligns it.
        text.append(Data(repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
        let length = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
        return Data(length) + text
    }
}

private enum HeaderField: Encodable {
    case metadata([String: String])
    case tensor(SafetensorsEntry)

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .metadata(let fields): try fields.encode(to: encoder)
        case .tensor(let tensor): try tensor.encode(to: encoder)
        }
    }
}
