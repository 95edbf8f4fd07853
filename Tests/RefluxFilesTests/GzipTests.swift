import Foundation
import RefluxCore
import Testing

@testable import RefluxFiles

/// The two gzip members were made by Python's `gzip.compress(…, mtime=0)`: together they hold the
/// lines `{"n":1}`, `{"n":2}`, `{"n":3}`, cut in the third.
@Suite struct GzipTests {
    // Not stored: the sanitizer does not see that a global Data still has its bytes.
    private static var first: Data {
        Data(base64Encoded: "H4sIAAAAAAACA6tWylOyMqzlqgbRRhAaAKaxBCQUAAAA") ?? Data()
    }
    private static var second: Data {
        Data(base64Encoded: "H4sIAAAAAAACA7MyruUCALVyu+IEAAAA") ?? Data()
    }

    private func numbers(_ data: Data) throws -> [Int?] {
        try withTemporaryFolder { folder in
            try Files.writeAtomically(data, to: folder + "/a.jsonl.gz")
            return try JSONLines.read([String: Int].self, from: folder + "/a.jsonl.gz")
                .map { $0["n"] }
        }
    }

    @Test func membersThatFollowEachOtherAreOneText() throws {
        #expect(try numbers(Self.first + Self.second) == [1, 2, 3])
    }

    @Test func zerosBehindTheLastMemberAreIgnored() throws {
        #expect(try numbers(Self.first + Self.second + Data(count: 600)) == [1, 2, 3])
    }

    @Test func manyMembersAcrossManyChunks() throws {
        let pair = Self.first + Self.second
        let all = (0..<30_000).reduce(into: Data()) { data, _ in data += pair }
        #expect(all.count > 1 << 20)
        let found = try numbers(all)
        #expect(found.count == 90_000)
        #expect(found.allSatisfy { $0 != nil })
    }

    @Test(arguments: [1, 2, 5, 13])
    func chunksDoNotMatter(size: Int) throws {
        try withTemporaryFolder { folder in
            try Files.writeAtomically(Self.first + Self.second + Data(count: 9), to: folder + "/a")
            var source = try InflatedBytes(folder + "/a", chunkSize: size)
            var text = [UInt8]()
            while let chunk = try source.next() { text += chunk }
            #expect(String(decoding: text, as: UTF8.self) == "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n")
        }
    }

    @Test func everyTruncationIsAnError() throws {
        for length in 0..<Self.first.count {
            let error = #expect(throws: RefluxError.self) {
                try numbers(Self.first.prefix(length))
            }
            #expect(error?.location?.path.hasSuffix("a.jsonl.gz") == true)
            #expect(error?.found.contains("gzip data is damaged (it ends too early)") == true)
        }
    }

    @Test func aWrongByteIsAnError() throws {
        // From 10 on stand the deflated bytes, their CRC and their length.
        for position in [0, 1, 2] + Array(10..<Self.first.count) {
            var data = Self.first
            data[position] ^= 0x10
            #expect(throws: RefluxError.self, "byte \(position)") { try numbers(data) }
        }
        #expect(throws: RefluxError.self) { try numbers(Data("{\"n\":1}\n".utf8)) }
        #expect(throws: RefluxError.self) { try numbers(Self.first + Self.second + Data("x".utf8)) }
    }
}
