import Foundation
import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxEngine

/// Writes GGUF files by hand, wrong ones included.
struct GGUFBytes {
    var bytes: [UInt8]

    init(version: UInt32 = 3, tensors: UInt64 = 0, keys: UInt64 = 0) {
        bytes = Array("GGUF".utf8)
        add(version)
        add(tensors)
        add(keys)
    }

    mutating func add<T: FixedWidthInteger>(_ number: T) {
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }

    mutating func add(_ text: String) {
        add(UInt64(text.utf8.count))
        bytes += text.utf8
    }

    /// A tensor of one type; its data is not added.
    mutating func addTensor(
        _ name: String, _ shape: [UInt64], type: UInt32 = 0, offset: UInt64 = 0
    ) {
        add(name)
        add(UInt32(shape.count))
        for size in shape { add(size) }
        add(type)
        add(offset)
    }

    /// Zeros up to a multiple of 32 and `count` more.
    mutating func addData(_ count: Int) {
        bytes += [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32 + count)
    }
}

struct GGUFHeaderTests {
    private func read(_ file: GGUFBytes) throws -> GGUFHeader {
        try GGUFHeader(file.bytes, fileSize: file.bytes.count, path: "m.gguf")
    }

    private func error(_ file: GGUFBytes) -> String {
        message(in: "no folder") { _ = try read(file) }
    }

    @Test func readsEveryKindOfValue() throws {
        var file = GGUFBytes(version: 2, keys: 9)
        file.add("byte")
        file.add(UInt32(1))
        file.add(Int8(-7))
        file.add("large")
        file.add(UInt32(10))
        file.add(UInt64.max)
        file.add("float")
        file.add(UInt32(6))
        file.add(Float(0.5).bitPattern)
        file.add("double")
        file.add(UInt32(12))
        file.add(Double(0.1).bitPattern)
        file.add("truth")
        file.add(UInt32(7))
        file.add(UInt8(1))
        file.add("text")
        file.add(UInt32(8))
        file.add("Größe")
        file.add("texts")
        file.add(UInt32(9))
        file.add(UInt32(8))
        file.add(UInt64(2))
        file.add("a")
        file.add("")
        file.add("numbers")
        file.add(UInt32(9))
        file.add(UInt32(6))
        file.add(UInt64(1))
        file.add(Float(-1).bitPattern)
        file.add("integers")
        file.add(UInt32(9))
        file.add(UInt32(5))
        file.add(UInt64(2))
        file.add(Int32(-3))
        file.add(Int32(4))
        let header = try read(file)
        #expect(header.version == 2)
        #expect(
            header.metadata == [
                "byte": .integer(-7), "large": .integer(.max), "float": .number(0.5),
                "double": .number(0.1), "truth": .truth(true), "text": .text("Größe"),
                "texts": .texts(["a", ""]), "numbers": .numbers([-1]),
                "integers": .integers([-3, 4]),
            ])
    }

    @Test func tensorsLieBehindTheHeader() throws {
        var file = GGUFBytes(tensors: 2)
        file.addTensor("b", [32, 2], type: 8, offset: 32)
        file.addTensor("a", [4])
        file.addData(32 + 68)
        let header = try read(file)
        let start = file.bytes.count - 100
        #expect(header.tensors["a"]?.bytes == start..<start + 16)
        #expect(header.tensors["b"]?.bytes == start + 32..<start + 100)
        #expect(header.tensors["b"]?.shape == [2, 32])
    }

    @Test func aBeginningAsksForMoreAndNothingTraps() throws {
        let path = Fixture.path("gguf_qwen2.gguf")
        let whole = [UInt8](try Files.read(path))
        let header = try GGUFHeader(whole, fileSize: whole.count, path: path)
        let start = try #require(header.tensors.values.map(\.bytes.lowerBound).min())
        for length in stride(from: 0, to: start - 32, by: 61) {
            #expect(throws: GGUFCursor.NeedsMore.self) {
                _ = try GGUFHeader(Array(whole[..<length]), fileSize: whole.count, path: path)
            }
        }
        // The same bytes as a whole file, which was cut off.
        for length in stride(from: 0, to: whole.count, by: 337) {
            #expect(throws: RefluxError.self) {
                _ = try GGUFHeader(Array(whole[..<length]), fileSize: length, path: path)
            }
        }
        #expect(header.tensors.count == 26)
    }

    private static let damaged = " The file is damaged; download or copy it again."

    @Test func whatIsNoGGUFIsNamed() {
        var file = GGUFBytes()
        file.bytes[0] = 0
        #expect(
            error(file) == "m.gguf: the file does not begin with GGUF; wanted a model folder or a "
                + "GGUF file. Check the path of the model.")
        #expect(
            error(GGUFBytes(version: 1)) == "m.gguf: version 1; wanted a little-endian file of "
                + "version 2 or 3. Convert the model again with a present llama.cpp.")
        #expect(error(GGUFBytes(version: 3 << 24)).hasPrefix("m.gguf: a big-endian file;"))
    }

    @Test func countsBeyondTheFileAreNamed() {
        #expect(
            error(GGUFBytes(tensors: .max)) == "m.gguf: 18446744073709551615 for the tensors; "
                + "wanted no more than the file has room for." + Self.damaged)
        var file = GGUFBytes(keys: 1)
        file.add(UInt64.max)
        file.addData(32)
        #expect(
            error(file) == "m.gguf: 18446744073709551615 for the length of key 0 of the metadata; "
                + "wanted no more than the file has room for." + Self.damaged)
    }

    @Test func wrongValuesAreNamed() {
        var file = GGUFBytes(keys: 1)
        file.add("k")
        file.add(UInt32(13))
        #expect(
            error(file) == "m.gguf: k: a value of unknown kind 13; wanted 0 to 12." + Self.damaged)
        file = GGUFBytes(keys: 1)
        file.add("k")
        file.add(UInt32(9))
        file.add(UInt32(9))
        file.add(UInt64(1))
        file.addData(32)
        #expect(error(file).hasPrefix("m.gguf: k: a list of lists;"))
        file = GGUFBytes(keys: 2)
        for _ in 0..<2 {
            file.add("k")
            file.add(UInt32(0))
            file.add(UInt8(1))
        }
        #expect(error(file).hasPrefix("m.gguf: k: the key twice;"))
        file = GGUFBytes(keys: 1)
        file.add("general.alignment")
        file.add(UInt32(4))
        file.add(UInt32(0))
        #expect(error(file).hasPrefix("m.gguf: general.alignment: another alignment;"))
        file = GGUFBytes(keys: 1)
        file.add(UInt64(1))
        file.bytes += [0xFF, 0, 0, 0, 0]
        #expect(error(file).hasPrefix("m.gguf: key 0 of the metadata is not UTF-8;"))
    }

    private static let tensors: [([UInt64], UInt32, UInt64, String)] = [
        ([], 0, 0, "0 dimensions; wanted 1 to 4."),
        ([4], 10, 0, "elements of type Q2_K;"), ([4], 999, 0, "elements of type number 999;"),
        ([31, 2], 8, 0, "shape [31, 2] of Q8_0; wanted rows of whole blocks of 32"),
        ([0], 0, 0, "shape [0] of F32;"),
        ([1 << 40, 1 << 40], 0, 0, "shape [1099511627776, 1099511627776] of F32;"),
        ([4], 0, 8, "the offset 8; wanted a multiple of 32 that is at least 0."),
        ([64], 0, 0, "the file ends after 64 bytes of data; wanted 256 bytes from byte 0 on."),
        ([4], 0, .max - 31, "the file ends after 64 bytes of data; wanted 16 bytes from byte"),
    ]

    @Test(arguments: tensors)
    func wrongTensorsAreNamed(
        _ shape: [UInt64], _ type: UInt32, _ offset: UInt64, _ wanted: String
    ) {
        var file = GGUFBytes(tensors: 1)
        file.addTensor("w", shape, type: type, offset: offset)
        file.addData(64)
        #expect(error(file).hasPrefix("m.gguf: w: \(wanted)"), "\(error(file))")
    }

    @Test func tensorsThatOverlapOrOccurTwiceAreNamed() {
        var file = GGUFBytes(tensors: 2)
        file.addTensor("a", [16])
        file.addTensor("b", [16], offset: 32)
        file.addData(128)
        #expect(
            error(file) == "m.gguf: b: the offset 32; wanted a multiple of 32 that is at least 64."
                + Self.damaged)
        file = GGUFBytes(tensors: 2)
        file.addTensor("a", [8])
        file.addTensor("a", [8], offset: 32)
        file.addData(128)
        #expect(error(file).hasPrefix("m.gguf: a: the tensor twice;"))
    }

    /// A good file with one change of its metadata, and the error that must follow.
    private static let models: [(String, String, String)] = [
        ("general.architecture", "gemma3", "general.architecture: the architecture \"gemma3\";"),
        ("tokenizer.ggml.pre", "tekken", "tokenizer.ggml.pre: the way of splitting \"tekken\";"),
        (
            "tokenizer.ggml.model", "bert",
            "tokenizer.ggml.model: a tokenizer of type \"bert\";"
        ),
    ]

    @Test(arguments: models)
    func anUnknownModelIsNamed(_ key: String, _ value: String, _ wanted: String) async throws {
        try await withTemporaryFolder { folder in
            var bytes = [UInt8](try Files.read(Fixture.path("gguf_qwen2.gguf")))
            let mark = Array(key.utf8) + [8, 0, 0, 0]
            let at =
                try #require(
                    bytes.indices.first { bytes[$0...].starts(with: mark) }) + mark.count
            let length = Int(bytes[at])
            // Padded to the old length, so that nothing else moves.
            let text = value.utf8 + [UInt8](repeating: 32, count: max(0, length - value.utf8.count))
            let path = "\(folder)/m.gguf"
            bytes.replaceSubrange(at + 8..<at + 8 + length, with: text.prefix(length))
            try Files.writeAtomically(Data(bytes), to: path)
            let found = message(in: folder) { _ = try ModelFolder.open(path) }
            let name = String(decoding: text.prefix(length), as: UTF8.self)
            #expect(
                found.hasPrefix("F/m.gguf: " + wanted.replacingOccurrences(of: value, with: name)),
                "\(found)")
        }
    }
}
