import Foundation
import GRDB
import RefluxCore
import Testing

@testable import RefluxTeachers

@Suite("The response cache in several processes", .serialized)
struct ResponseCacheProcessTests {
    /// A process that stores answers and says which ones are stored.
    private struct Writer {
        let process = Process()
        private let log: URL

        init(_ cache: String, first: Int, count: Int, in folder: String) throws {
            log = URL(filePath: "\(folder)/\(UUID().uuidString).log")
            try Data().write(to: log)
            process.executableURL = Bundle.main.bundleURL.appending(path: "CacheWriterForTests")
            process.arguments = [cache, "\(first)", "\(count)"]
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = try FileHandle(forWritingTo: log)
            try process.run()
        }

        /// The numbers that it said, without one that was cut.
        func stored() throws -> [Int] {
            let text = try String(contentsOf: log, encoding: .utf8)
            let whole = text.prefix(upTo: text.lastIndex(of: "\n") ?? text.startIndex)
            return whole.split(separator: "\n").compactMap { Int($0) }
        }
    }

    private func key(_ number: Int) throws -> ResponseKey {
        try ResponseKey(
            server: "http://127.0.0.1:1/v1", path: "completions", model: "tiny",
            body: ["prompt": "question \(number)"], seed: 1, sample: 0)
    }

    @Test("loses nothing that was reported as stored when a process is killed", arguments: 1...5)
    func killed(turn: Int) async throws {
        try await withFolder { folder in
            let path = "\(folder)/responses.sqlite"
            let writer = try Writer(path, first: 0, count: 1_000_000, in: folder)
            let wanted = 7 * turn
            let deadline = ContinuousClock.now + .seconds(60)
            while try writer.stored().count < wanted {
                #expect(writer.process.isRunning)
                guard writer.process.isRunning, ContinuousClock.now < deadline else { break }
                try await Task.sleep(for: .milliseconds(3))
            }
            kill(writer.process.processIdentifier, SIGKILL)
            writer.process.waitUntilExit()
            #expect(writer.process.terminationReason == .uncaughtSignal)
            let stored = try writer.stored()
            #expect(stored.count >= wanted)
            let cache = try ResponseCache(path: path)
            for number in stored {
                let text = try await cache.response(for: key(number))?.text
                #expect(text == String(repeating: "\(number) ", count: 2000))
            }
            // At most the one that was being stored is there beside those, and it is whole.
            let entries = try await cache.entries(limit: 1_000_000)
            #expect((0...1).contains(entries.count - stored.count))
            #expect(entries.allSatisfy { $0.response.text.utf8.count >= 4000 })
            let found = try await cache.read { database in
                try String.fetchOne(database, sql: "PRAGMA integrity_check")
            }
            #expect(found == "ok")
        }
    }

    @Test("lets processes make and fill one file at once")
    func shared() async throws {
        try await withFolder { folder in
            let path = "\(folder)/responses.sqlite"
            // Their numbers overlap by half.
            let writers = try (0..<4).map {
                try Writer(path, first: 20 * $0, count: 40, in: folder)
            }
            for (index, writer) in writers.enumerated() {
                writer.process.waitUntilExit()
                #expect(writer.process.terminationStatus == 0)
                #expect(try writer.stored() == Array(20 * index..<20 * index + 40))
            }
            let cache = try ResponseCache(path: path)
            let entries = try await cache.entries(limit: 1000)
            #expect(Set(entries.map(\.response.promptID)).count == 100)
            #expect(entries.count == 100)
        }
    }
}
