import Foundation
import GRDB
import RefluxCore
import Testing

@testable import RefluxTeachers

@Suite("The response cache")
struct ResponseCacheTests {
    static func key(
        _ prompt: String = "1 + 1?", server: String = "http://127.0.0.1:8000/v1",
        path: String = "completions", model: String = "tiny", temperature: Double = 0.8,
        seed: UInt64 = 17, sample: Int = 0
    ) throws -> ResponseKey {
        struct Body: Encodable {
            let prompt: String
            let temperature: Double
        }
        return try ResponseKey(
            server: server, path: path, model: model,
            body: Body(prompt: prompt, temperature: temperature), seed: seed, sample: sample)
    }

    static func answer(_ text: String, sample: Int = 0, tokens: Int? = 3) -> CachedResponse {
        CachedResponse(
            promptID: "gsm8k/train/7", question: "1 + 1?", text: text, finish: .stop,
            reportedFinish: "stop", sample: sample, temperature: 0.8, tokenCount: tokens,
            meanLogProbability: -0.25, promptTokens: 11, reportedModel: "tiny-v2", seconds: 0.5)
    }

    @Test("keeps an answer as it was given, also after the file was closed")
    func keeps() async throws {
        try await withFolder { folder in
            let path = "\(folder)/a/b/responses.sqlite"
            let key = try Self.key()
            try await ResponseCache(path: path).store(Self.answer("2\u{0}\n\"é🙂"), for: key)
            let cache = try ResponseCache(path: path)
            #expect(try await cache.response(for: key) == Self.answer("2\u{0}\n\"é🙂"))
            #expect(try await cache.response(for: Self.key("2 + 2?")) == nil)
        }
    }

    @Test("tells requests apart by everything that is in them, and by nothing else")
    func keys() throws {
        let all = [
            try Self.key(), try Self.key("1 + 1? "),
            try Self.key(server: "http://127.0.0.1:8001/v1"),
            try Self.key(path: "chat/completions"), try Self.key(model: "tiny2"),
            try Self.key(temperature: 0.80000001), try Self.key(seed: 18), try Self.key(sample: 1),
        ]
        #expect(Set(all.map(\.digest)).count == all.count)
        #expect(try Self.key() == Self.key())
        #expect(
            try Self.key().request == #"{"body":{"prompt":"1 + 1?","temperature":0.8},"#
                + #""model":"tiny","path":"completions","sample":0,"seed":17,"#
                + #""server":"http://127.0.0.1:8000/v1"}"#)
    }

    @Test("keeps the first answer to a request, and gives it to whoever comes later")
    func first() async throws {
        try await withFolder { folder in
            let path = "\(folder)/responses.sqlite"
            let (one, other) = (try ResponseCache(path: path), try ResponseCache(path: path))
            let key = try Self.key()
            #expect(try await one.store(Self.answer("first"), for: key).text == "first")
            #expect(try await other.store(Self.answer("second"), for: key).text == "first")
            #expect(try await one.response(for: key)?.text == "first")
        }
    }

    @Test("keeps an answer also for a task that was cancelled while it waited for it")
    func cancelled() async throws {
        try await withFolder { folder in
            let cache = try ResponseCache(path: "\(folder)/responses.sqlite")
            let key = try Self.key()
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                try await cache.store(Self.answer("paid for"), for: key)
            }
            task.cancel()
            _ = try await task.value
            #expect(try await cache.response(for: key)?.text == "paid for")
        }
    }

    @Test("takes a path without a folder")
    func relative() async throws {
        let name = "responses-\(UUID().uuidString).sqlite"
        defer {
            for end in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: name + end)
            }
        }
        let cache = try ResponseCache(path: name)
        #expect(try await cache.counts().isEmpty)
    }

    @Test("counts, lists and removes by server and model")
    func contents() async throws {
        try await withFolder { folder in
            let cache = try ResponseCache(path: "\(folder)/responses.sqlite")
            for sample in 0..<3 {
                try await cache.store(
                    Self.answer("a\(sample)", sample: sample), for: Self.key(sample: sample))
            }
            try await cache.store(
                Self.answer("b", tokens: nil), for: Self.key(server: "http://b/v1", model: "big"))
            #expect(
                try await cache.counts() == [
                    ResponseCache.Count(
                        server: "http://127.0.0.1:8000/v1", model: "tiny", responses: 3, tokens: 9,
                        promptTokens: 33, seconds: 1.5),
                    ResponseCache.Count(
                        server: "http://b/v1", model: "big", responses: 1, tokens: 0,
                        promptTokens: 11, seconds: 0.5),
                ])
            let page = try await cache.entries(.init(model: "tiny"), limit: 2)
            #expect(page.map(\.response.text) == ["a0", "a1"])
            let rest = try await cache.entries(
                .init(model: "tiny"), after: #require(page.last).number, limit: 2)
            #expect(rest.map(\.response.text) == ["a2"])
            #expect(rest.first?.request == (try Self.key(sample: 2).request))
            #expect(try await cache.remove(.init(server: "http://b/v1", model: "tiny")) == 0)
            #expect(try await cache.remove(.init(model: "tiny")) == 3)
            #expect(try await cache.counts().map(\.model) == ["big"])
            #expect(try await cache.size() > 0)
        }
    }

    @Test("exports lines that the teacher `recorded` reads")
    func export() async throws {
        try await withFolder { folder in
            let cache = try ResponseCache(path: "\(folder)/responses.sqlite")
            try await cache.store(Self.answer("2"), for: Self.key())
            try await cache.store(Self.answer("two", sample: 1), for: Self.key(sample: 1))
            let path = "\(folder)/lines.jsonl"
            #expect(try await cache.export(to: path) == 2)
            let teacher = RecordedTeacher(settings: RecordedSettings(path: path, name: "tape"))
            let prompt = Prompt(id: "gsm8k/train/7", index: 7, content: .text("1 + 1?"))
            let plan = SamplingPlan(
                samplesPerTemperature: 2, temperatures: [0.8], settings: SamplingSettings(), seed: 1
            )
            let read = try await teacher.respond(to: [prompt], plan: plan, observer: .silent)[0]
            #expect(read.map(\.text) == ["2", "two"])
            #expect(read.map(\.sample) == [0, 1])
            #expect(read[0].model == "tiny")
            #expect(read[0].temperature == 0.8)
            #expect(read[0].finish == .stop)
            #expect(read[0].tokenCount == 3)
            #expect(read[0].meanLogProbability == -0.25)
        }
    }

    @Test("says which file is no cache, and leaves it as it is")
    func foreign() async throws {
        try await withFolder { folder in
            let text = "\(folder)/text"
            try Data(String(repeating: "no database at all. ", count: 300).utf8)
                .write(to: URL(filePath: text))
            try Self.expectError(text, kind: .input, holding: "the file is not SQLite's")
            let other = "\(folder)/other.sqlite"
            try await DatabaseQueue(path: other).write { try $0.execute(sql: "CREATE TABLE t(a)") }
            let before = try Data(contentsOf: URL(filePath: other))
            try Self.expectError(other, kind: .input, holding: "belongs to another program")
            #expect(try Data(contentsOf: URL(filePath: other)) == before)
            #expect(!FileManager.default.fileExists(atPath: other + "-wal"))
        }
    }

    @Test("refuses the file of a newer version")
    func newer() async throws {
        try await withFolder { folder in
            let path = "\(folder)/responses.sqlite"
            try await ResponseCache(path: path).write {
                try $0.execute(sql: "PRAGMA user_version = 2")
            }
            try Self.expectError(
                path, kind: .input, holding: "version 2; wanted version 1 or older")
        }
    }

    @Test("says which file is damaged and what to do")
    func damaged() async throws {
        try await withFolder { folder in
            let path = "\(folder)/responses.sqlite"
            do {
                let cache = try ResponseCache(path: path)
                for sample in 0..<50 {
                    try await cache.store(
                        Self.answer(String(repeating: "x", count: 900)),
                        for: Self.key(sample: sample))
                }
                try await cache.compact()
                _ = try await cache.remove(.init(model: "nobody"))
            }
            // The journal is folded into the file when the last connection closes.
            let file = try FileHandle(forUpdating: URL(filePath: path))
            let size = try file.seekToEnd()
            try file.seek(toOffset: 4096)
            try file.write(contentsOf: Data(repeating: 0xA5, count: Int(size) - 4096))
            try file.close()
            let error = await #expect(throws: RefluxError.self) {
                let cache = try ResponseCache(path: path)
                _ = try await cache.response(for: Self.key())
            }
            #expect(error?.kind == .input)
            #expect(error?.location?.path == path)
            #expect(error?.found.contains("damaged") == true)
            #expect(error?.remedy?.contains(".recover") == true)
        }
    }

    @Test("says when the disk is full, and keeps what was stored before")
    func full() async throws {
        try await withFolder { folder in
            let path = "\(folder)/responses.sqlite"
            let cache = try ResponseCache(path: path)
            try await cache.store(Self.answer("kept"), for: Self.key())
            // SQLite's own limit: the error is the one of a full disk.
            try await cache.write { database in
                let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
                try database.execute(sql: "PRAGMA max_page_count = \(pages + 1)")
            }
            let error = await #expect(throws: RefluxError.self) {
                try await cache.store(
                    Self.answer(String(repeating: "x", count: 100_000)), for: Self.key(sample: 1))
            }
            #expect(error?.kind == .system)
            #expect(error?.found.contains("disk is full") == true)
            #expect(try await cache.response(for: Self.key())?.text == "kept")
            #expect(try await cache.response(for: Self.key(sample: 1)) == nil)
        }
    }

    @Test("says when a file cannot be written")
    func unwritable() async throws {
        try await withFolder { folder in
            try Self.expectError(folder, kind: .system, holding: "cannot be written")
            try Self.expectError(
                "/proc/responses.sqlite", kind: .system, holding: "cannot be written")
        }
    }

    private static func expectError(_ path: String, kind: RefluxError.Kind, holding text: String)
        throws
    {
        let error = #expect(throws: RefluxError.self) { _ = try ResponseCache(path: path) }
        #expect(error?.kind == kind)
        #expect(error?.location?.path == path)
        #expect(error?.description.contains(text) == true, "\(String(describing: error))")
        #expect(error?.remedy != nil)
    }
}

/// Calls a closure with a folder of its own.
func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
        path: "cache-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder.path)
}
