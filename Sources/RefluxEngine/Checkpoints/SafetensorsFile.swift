import CKernels
import Foundation
import RefluxCore
import RefluxFiles

/// A safetensors file, open for reading as 32-bit floats.
///
/// Opening reads and checks the header only; tensors are read on demand in blocks, so a large file
/// is never in memory twice. Belongs to one task at a time.
final class SafetensorsFile {
    /// The file, as the user named it.
    let path: String
    private let header: SafetensorsHeader
    private let file: FileHandle

    /// Elements converted at a time.
    private static let block = 1 << 20

    /// Opens a file and checks its header.
    ///
    /// - Throws: `RefluxError` of kind `input` when the file is missing, cut off or damaged.
    init(_ path: String) throws {
        self.path = path
        guard Files.exists(path), !Files.isFolder(path),
            let file = FileHandle(forReadingAtPath: Files.expand(path))
        else {
            throw RefluxError(
                .input, found: "the file is missing or unreadable", at: SourceLocation(path: path),
                wanted: "a safetensors file", remedy: "Check the path and who may read it.")
        }
        self.file = file
        header = try Self.readHeader(file, path: path)
    }

    /// The names of the tensors, sorted.
    var names: [String] { header.tensors.keys.sorted() }

    /// All tensors, by name.
    var tensors: [TensorFacts] {
        header.tensors.sorted { $0.key < $1.key }.map { name, tensor in
            TensorFacts(
                name: name, type: tensor.type.rawValue, elements: tensor.count,
                bytes: tensor.bytes.count)
        }
    }

    /// The shape of a tensor, or `nil` when there is none of that name.
    func shape(of name: String) -> [Int]? { header.tensors[name]?.shape }

    /// Reads a tensor into memory that holds exactly its elements.
    ///
    /// - Throws: `RefluxError` of kind `input`: no such tensor, another number of elements, a type
    ///   that is not F32, F16 or BF16, or the file has become shorter.
    func read(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws {
        let tensor = try readable(name)
        let place = SourceLocation(path: path, key: name)
        guard tensor.count == target.count else {
            throw RefluxError(
                .input, found: "shape \(tensor.shape)", at: place,
                wanted: "\(target.count) elements")
        }
        var done = 0
        while done < target.count {
            let count = min(Self.block, target.count - done)
            let bytes = try read(
                count * tensor.type.width,
                at: tensor.bytes.lowerBound + done * tensor.type.width, place: place)
            convert(bytes, tensor.type, to: .init(rebasing: target[done..<done + count]))
            done += count
        }
    }

    /// Checks that a tensor is there, in a type that can be read.
    ///
    /// - Throws: `RefluxError` of kind `input` that names the tensor.
    func checkType(of name: String) throws { _ = try readable(name) }

    private func readable(_ name: String) throws -> SafetensorsHeader.Tensor {
        guard let tensor = header.tensors[name] else {
            throw RefluxError(
                .input, found: "no tensor \"\(name)\"", at: SourceLocation(path: path))
        }
        guard [.float32, .float16, .bfloat16].contains(tensor.type) else {
            throw RefluxError(
                .input, found: "elements of type \(tensor.type.rawValue)",
                at: SourceLocation(path: path, key: name),
                wanted: "F32, F16 or BF16", remedy: "Convert the model to BF16.")
        }
        return tensor
    }

    /// Reads a tensor.
    ///
    /// - Throws: as ``read(_:into:)``.
    func read(_ name: String) throws -> (shape: [Int], values: [Float]) {
        let count = header.tensors[name]?.count ?? 0
        let values = try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            try read(name, into: .init(rebasing: buffer[..<count]))
            initialized = count
        }
        return (shape(of: name) ?? [], values)
    }

    private func read(_ count: Int, at offset: Int, place: SourceLocation) throws -> Data {
        guard let bytes = try? Self.bytes(of: file, count, at: offset), bytes.count == count else {
            throw RefluxError(
                .input, found: "the file could not be read to the tensor's end", at: place,
                remedy: "The file changed or its disk failed; copy it again.")
        }
        return bytes
    }

    private func convert(
        _ bytes: Data, _ type: SafetensorsType, to target: UnsafeMutableBufferPointer<Float>
    ) {
        guard let output = target.baseAddress else { return }
        bytes.withUnsafeBytes { source in
            switch type {
            case .bfloat16:
                reflux_from_bf16(
                    source.assumingMemoryBound(to: UInt16.self).baseAddress, output, target.count)
            case .float16:
                reflux_from_f16(
                    source.assumingMemoryBound(to: UInt16.self).baseAddress, output, target.count)
            default:
                UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
            }
        }
    }

    private static func readHeader(_ file: FileHandle, path: String) throws -> SafetensorsHeader {
        let size = (try? Int(file.seekToEnd())) ?? 0
        let prefix = (try? bytes(of: file, min(8, size), at: 0)) ?? Data()
        let length = try SafetensorsHeader.length(prefix, fileSize: size, path: path)
        guard let text = try? bytes(of: file, length, at: 8), text.count == length else {
            throw RefluxError(
                .input, found: "the header could not be read", at: SourceLocation(path: path),
                remedy: "The file changed or its disk failed; copy it again.")
        }
        return try SafetensorsHeader(text, fileSize: size, path: path)
    }

    private static func bytes(of file: FileHandle, _ count: Int, at offset: Int) throws -> Data {
        try file.seek(toOffset: UInt64(offset))
        return try file.read(upToCount: count) ?? Data()
    }
}
