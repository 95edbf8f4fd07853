import Foundation
import RefluxCore
import RefluxFiles
import Testing

@Suite struct JSONLinesWriterTests {
    @Test func batchesFollowEachOther() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/a.jsonl"
            let first = try JSONLinesWriter(appendingTo: path)
            try first.append(contentsOf: [["n": 1], ["n": 2]])
            try first.append(contentsOf: [[String: Int]]())
            // What was appended is in the file before it is closed.
            #expect(try Files.readText(path) == "{\"n\":1}\n{\"n\":2}\n")
            try first.close()
            try JSONLinesWriter(appendingTo: path).append(contentsOf: [["n": 3]])
            #expect(
                try JSONLines.read([String: Int].self, from: path).map { $0["n"] } == [1, 2, 3])
        }
    }

    @Test func batchesFromManyTasksStayWhole() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/a.jsonl"
            let writer = try JSONLinesWriter(appendingTo: path)
            try await withThrowingTaskGroup { group in
                for task in 0..<8 {
                    group.addTask {
                        try writer.append(contentsOf: Array(repeating: ["task": task], count: 20))
                    }
                }
                try await group.waitForAll()
            }
            let rows = try JSONLines.read([String: Int].self, from: path).compactMap { $0["task"] }
            #expect(rows.count == 160)
            let pieces = zip(rows, rows.dropFirst()).count { $0 != $1 }
            #expect(pieces == 7)
        }
    }

    @Test func aFullDiskIsToldWithARemedy() throws {
        let writer = try JSONLinesWriter(appendingTo: "/dev/full")
        let error = #expect(throws: RefluxError.self) { try writer.append(contentsOf: ["x"]) }
        #expect(error?.kind == .system)
        #expect(error?.description.hasPrefix("/dev/full: the disk is full") == true)
        #expect(error?.remedy?.contains("Free some space") == true)
    }

    @Test func aClosedWriterRefuses() throws {
        try withTemporaryFolder { folder in
            let writer = try JSONLinesWriter(appendingTo: folder + "/a")
            try writer.close()
            #expect(throws: RefluxError.self) { try writer.append(contentsOf: [1]) }
        }
    }

    @Test func numbersThatAreNotFiniteReadBack() throws {
        try withTemporaryFolder { folder in
            try JSONLines.write([[1.5, .infinity, -.infinity, .nan]], to: folder + "/a")
            let row = try #require(try JSONLines.read([Double].self, from: folder + "/a").first)
            #expect(row[0] == 1.5 && row[1] == .infinity && row[2] == -.infinity && row[3].isNaN)
        }
    }

    @Test func keysAreSortedAndSlashesStay() throws {
        let value = ["b": "x/y", "a": "é"]
        #expect(try JSONText.encode(value, pretty: false) == #"{"a":"é","b":"x/y"}"#)
        #expect(try JSONText.encode(value, pretty: true).contains("\n  \"b\" : \"x/y\"\n"))
    }
}
