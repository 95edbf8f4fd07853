import Foundation
import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxEngine

struct CheckpointSafetensorsTests {
    /// A file of a given header and so many bytes of data.
    private func file(_ folder: String, _ header: String, data: Int) throws -> String {
        let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
        let path = "\(folder)/t.safetensors"
        try Files.writeAtomically(
            Data(length) + Data(header.utf8) + Data(repeating: 0, count: data), to: path)
        return path
    }

    @Test func whatIsWrittenIsReadBack() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/t.safetensors"
            let values = (0..<12).map { Float($0) * 0.37 - 2 }
            try SafetensorsWriter.write(
                [("b", [3, 4], values), ("a", [], [7]), ("none", [0], [])], to: path)
            let file = try SafetensorsFile(path)
            #expect(file.names == ["a", "b", "none"])
            #expect(try file.read("b").shape == [3, 4])
            #expect(try file.read("b").values == values)
            #expect(try file.read("a").values == [7])
            #expect(try file.read("none").values.isEmpty)
        }
    }

    @Test func bfloat16IsRoundedToTheNearestEven() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/t.safetensors"
            let writer = try SafetensorsWriter(path, tensors: [("a", [4])], precision: .bfloat16)
            // Exact; a tie down to even; a tie up to even; above a tie.
            try writer.append([1.5, 1 + 0x1p-8, 1 + 3 * 0x1p-8, 1 + 0x1p-8 + 0x1p-20])
            try writer.finish()
            #expect(
                try SafetensorsFile(path).read("a").values
                    == [1.5, 1, 1 + 0x1p-6, 1 + 0x1p-7])
        }
    }

    @Test func halfPrecisionIsReadExactly() async throws {
        try await withTemporaryFolder { folder in
            let header = #"{"a":{"dtype":"F16","shape":[6],"data_offsets":[0,12]}}"#
            let path = try file(folder, header, data: 0)
            // 1, -2, the largest, the smallest subnormal, infinity, -0.
            let halves: [UInt16] = [0x3C00, 0xC000, 0x7BFF, 0x0001, 0x7C00, 0x8000]
            let bytes = halves.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
            try Files.writeAtomically(try Files.read(path) + Data(bytes), to: path)
            let values = try SafetensorsFile(path).read("a").values
            #expect(values == [1, -2, 65504, 0x1p-24, .infinity, 0])
            #expect(values[5].sign == .minus)
        }
    }

    static let damaged: [(String, Int, String)] = [
        ("nonsense", 0, "F/t.safetensors: this is not JSON"),
        (
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 4,
            "F/t.safetensors: a: the file ends after 4 bytes of data; wanted at least 8. "
                + "The file was cut off; download or copy it again."
        ),
        (
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 9,
            "F/t.safetensors: 1 bytes after the last tensor; wanted none. "
                + "The file is damaged; download or write it again."
        ),
        (
            #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8,
            "F/t.safetensors: a: 8 bytes for shape [3] of F32; wanted 12 bytes. "
                + "The file is damaged; download or write it again."
        ),
        (
            #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8,
            "F/t.safetensors: a: 8 bytes for shape [-2] of F32. "
                + "The file is damaged; download or write it again."
        ),
        (
            #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0,
            "F/t.safetensors: a: 0 bytes for shape [4611686018427387904, 4] of F32. "
                + "The file is damaged; download or write it again."
        ),
        (
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8,
            "F/t.safetensors: a: data_offsets [8, 0]; wanted a beginning and an end that is not "
                + "before it. The file is damaged; download or write it again."
        ),
        (
            #"{"a":{"dtype":"Q4","shape":[2],"data_offsets":[0,8]}}"#, 8,
            "F/t.safetensors: a: unknown element type \"Q4\"; wanted F32, F16 or BF16. "
                + "Convert the file to BF16."
        ),
        (
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
                + #""b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, 12,
            "F/t.safetensors: b: the tensor begins at 4 and overlaps the tensor before it; "
                + "wanted 8. The file is damaged; download or write it again."
        ),
        (
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8,
            "F/t.safetensors: a: the tensor begins at 4 and leaves a gap before it; wanted 0. "
                + "The file is damaged; download or write it again."
        ),
        (
            #"{"a":{"dtype":"F32","data_offsets":[0,8]}}"#, 8,
            "F/t.safetensors: no field \"a.shape\". It has: data_offsets, dtype."
        ),
    ]

    @Test(arguments: damaged)
    func aDamagedHeaderIsNamed(_ header: String, _ data: Int, _ error: String) async throws {
        try await withTemporaryFolder { folder in
            let path = try file(folder, header, data: data)
            let text = message(in: folder) { _ = try SafetensorsFile(path) }
            #expect(text.hasPrefix(error), "\(text)")
        }
    }

    @Test func aShortFileAndAHugeHeaderAreNamed() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/t.safetensors"
            try Files.writeAtomically(Data([1, 2, 3]), to: path)
            #expect(
                message(in: folder) { _ = try SafetensorsFile(path) }
                    == "F/t.safetensors: the file has less than 8 bytes; wanted a safetensors file. "
                    + "Download or write it again.")
            try Files.writeAtomically(Data(repeating: 0xFF, count: 16), to: path)
            #expect(
                message(in: folder) { _ = try SafetensorsFile(path) }
                    == "F/t.safetensors: a header of 18446744073709551615 bytes in a file of 16; "
                    + "wanted a safetensors file. The file is cut off or of another format; "
                    + "download it again.")
        }
    }

    @Test func aTensorOfAnotherTypeIsNamed() async throws {
        try await withTemporaryFolder { folder in
            let header = #"{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#
            let file = try SafetensorsFile(try file(folder, header, data: 8))
            #expect(
                message(in: folder) { _ = try file.read("a") }
                    == "F/t.safetensors: a: elements of type I64; wanted F32, F16 or BF16. "
                    + "Convert the model to BF16.")
            #expect(
                message(in: folder) { _ = try file.read("b") }
                    == "F/t.safetensors: no tensor \"b\".")
        }
    }

    @Test func anUnfinishedFileLeavesNothing() async throws {
        try await withTemporaryFolder { folder in
            do {
                let writer = try SafetensorsWriter("\(folder)/t.safetensors", tensors: [("a", [1])])
                #expect(throws: RefluxError.self) { try writer.finish() }
            }
            #expect(try Files.list(folder).isEmpty)
        }
    }
}
