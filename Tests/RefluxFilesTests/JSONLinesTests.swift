import Foundation
import RefluxCore
import Testing

@testable import RefluxFiles

@Suite struct JSONLinesTests {
    struct Row: Codable, Equatable {
        struct Inner: Codable, Equatable { var name: String }
        var answer: String
        var count: Int?
        var inner: Inner?
        var list: [Double]?
        var flag: Bool?
    }

    @Test func valuesReadBack() throws {
        try withTemporaryFolder { folder in
            let rows = [
                Row(answer: "a/b \"c\"\n\u{2028}é", count: 3, inner: .init(name: "x"), list: [0.1]),
                Row(answer: ""),
            ]
            try JSONLines.write(rows, to: folder + "/a.jsonl")
            #expect(try JSONLines.read(Row.self, from: folder + "/a.jsonl") == rows)
            #expect(try Files.readText(folder + "/a.jsonl").contains("a/b"))
            try JSONLines.write([Row](), to: folder + "/b.jsonl")
            #expect(try JSONLines.read(Row.self, from: folder + "/b.jsonl").isEmpty)
        }
    }

    @Test func linesKeepTheirNumbersOverBlankOnes() throws {
        try withTemporaryFolder { folder in
            try write("\u{FEFF}one\r\n\n \t\r\ntwo\nthree", to: folder + "/a")
            var seen: [String] = []
            try JSONLines.forEach(in: folder + "/a") { line, number in
                seen.append("\(number):" + String(decoding: line, as: UTF8.self))
            }
            #expect(seen == ["1:one\r", "4:two", "5:three"])
        }
    }

    @Test(arguments: [1, 2, 3, 7, 64])
    func chunksDoNotMatter(size: Int) throws {
        let text = Array("a\n\nbc\ndefgh\n\n\nij\nlast".utf8)
        var lines: [String] = []
        var splitter = LineSplitter()
        for start in stride(from: 0, to: text.count, by: size) {
            try splitter.split(text[start..<min(start + size, text.count)]) { line, number in
                lines.append("\(number)" + String(decoding: line, as: UTF8.self))
            }
        }
        #expect(lines == ["1a", "2", "3bc", "4defgh", "5", "6", "7ij"])
        #expect(splitter.rest == Data("last".utf8))
        #expect(splitter.wholeBytes == text.count - 4)
    }

    @Test(arguments: [
        (#"{"count": 1}"#, "no field \"answer\". It has: count."),
        (#"{"answer": 5}"#, "field \"answer\" is a number; wanted a text."),
        (#"{"answer": null}"#, "field \"answer\" is null; wanted a text."),
        (#"{"answer": ["x"]}"#, "field \"answer\" is a list; wanted a text."),
        (#"{"answer": "", "count": "x"}"#, "field \"count\" is a text; wanted a whole number."),
        (#"{"answer": "", "count": true}"#, "\"count\" is true or false; wanted a whole number."),
        (#"{"answer": "", "inner": {"name": 1}}"#, "\"inner.name\" is a number; wanted a text."),
        (#"{"answer": "", "inner": {}}"#, "no field \"inner.name\"."),
        (#"{"answer": "", "inner": 7}"#, "\"inner\" is a number; wanted a table of fields."),
        (#"{"answer": "", "list": 7}"#, "\"list\" is a number; wanted a list."),
        (#"{"answer": "", "list": [1, "x"]}"#, "\"list.1\" is a text; wanted a number."),
        (#"{"answer": "", "flag": 2}"#, "\"flag\" is a number; wanted true or false."),
        (#"{"answer": "", "count": 1.5}"#, "a number does not fit its field"),
        (#"["x"]"#, "the value is a list; wanted a table of fields."),
        (#"{"answer": "x"#, "this is not JSON"),
        ("hello", "this is not JSON"),
    ])
    func wrongLinesAreToldInWords(line: String, words: String) throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a.jsonl"
            try write("{\"answer\": \"fine\"}\n\n\(line)\n", to: path)
            let error = #expect(throws: RefluxError.self) {
                try JSONLines.read(Row.self, from: path)
            }
            let text = try #require(error).description
            #expect(error?.kind == .input)
            #expect(text.hasPrefix("\(path):3: "))
            #expect(text.contains(words), "\(text)")
        }
    }

    @Test func aCutLastLineIsLeftOutAndRepaired() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a.jsonl"
            try write("{\"answer\":\"1\"}\n{\"answer\":\"2\"}\n{\"answer\":\"3\"", to: path)
            let two = [Row(answer: "1"), Row(answer: "2")]
            #expect(try JSONLines.readWhole(Row.self, from: path, repair: false) == two)
            #expect(try Files.readText(path).hasSuffix("\"3\""))
            #expect(try JSONLines.readWhole(Row.self, from: path, repair: true) == two)
            let writer = try JSONLinesWriter(appendingTo: path)
            try writer.append(contentsOf: [Row(answer: "4")])
            try writer.close()
            #expect(try JSONLines.read(Row.self, from: path) == two + [Row(answer: "4")])
        }
    }

    @Test func aMissingFileHasNoWholeLinesButCannotBeRead() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/none"
            let rows = try JSONLines.readWhole(Row.self, from: path, repair: true)
            #expect(rows.isEmpty)
            #expect(throws: RefluxError.self) { try JSONLines.read(Row.self, from: path) }
        }
    }

    @Test func aWholeButWrongLineIsAnErrorEvenWhenRepairing() throws {
        try withTemporaryFolder { folder in
            try write("{\"answer\":\"1\"}\nx\n", to: folder + "/a")
            #expect(throws: RefluxError.self) {
                try JSONLines.readWhole(Row.self, from: folder + "/a", repair: true)
            }
        }
    }

    @Test func splittingIsFast() throws {
        try withTemporaryFolder { folder in
            let line = String(repeating: "x", count: 999) + "\n"
            try write(String(repeating: line, count: 30_000), to: folder + "/a")
            var count = 0
            let time = try ContinuousClock().measure {
                try JSONLines.forEach(in: folder + "/a") { _, _ in count += 1 }
            }
            #expect(count == 30_000)
            // 30 MB; a byte-wise loop in a debug build takes far longer.
            #expect(time < .seconds(4))
        }
    }

    private func write(_ text: String, to path: String) throws {
        try Files.writeAtomically(Data(text.utf8), to: path)
    }

    @Test("a byte order mark is dropped from a file of one line without a line feed")
    func markOfAnOnlyLine() throws {
        try withTemporaryFolder { folder in
            try Files.writeAtomically(Data("\u{FEFF}[1]".utf8), to: folder + "/a")
            #expect(try JSONLines.read([Int].self, from: folder + "/a") == [[1]])
        }
    }
}
