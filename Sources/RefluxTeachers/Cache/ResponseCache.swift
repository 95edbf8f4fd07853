import Foundation
import GRDB
import RefluxCore
import RefluxFiles

/// The answers that servers gave, in one SQLite file: what was asked once is not asked again.
///
/// **Who calls it.** Teachers that reach a server: ``response(for:)`` before a request and
/// ``store(_:for:)`` as soon as an answer is there, sample by sample, so that a run that is killed
/// loses none. The verb `reflux cache` shows what a file holds.
///
/// ```swift
/// let cache = try ResponseCache(path: "~/.cache/reflux/responses.sqlite")
/// if let known = try await cache.response(for: key) { return known }
/// return try await cache.store(try await ask(), for: key)
/// ```
///
/// **Durability.** An answer that ``store(_:for:)`` returned is on the disk: the file's journal is
/// written ahead and synchronised at every store. A process that is killed leaves whole answers.
/// **Sharing.** Any number of runs and processes may use a file at once; they wait for each other.
/// Not over network file systems, on which SQLite's locks cannot be trusted.
/// **Threads.** Called from any thread.
/// **Cost.** A look-up reads one row by its key; a store waits for the disk once.
/// **Errors.** `RefluxError` naming the file: of kind `input` for a file that is damaged, of
/// another program or of a newer Reflux, of kind `system` where the machine refuses.
public final class ResponseCache: Sendable {
    /// The file.
    public let path: String
    private let database: DatabaseQueue

    /// Opens a file, and makes it with the folders above it when it is not there.
    public init(path: String) throws {
        self.path = Files.expand(path)
        let folder = (self.path as NSString).deletingLastPathComponent
        if !folder.isEmpty { try Files.makeFolder(folder) }
        database = try ResponseCacheSchema.open(self.path)
    }

    /// The answer that is kept for a request, or `nil`.
    public func response(for key: ResponseKey) async throws -> CachedResponse? {
        let text = try await read { database in
            try String.fetchOne(
                database, sql: "SELECT response FROM response WHERE key = ?",
                arguments: [key.digest])
        }
        return try text.map(decode)
    }

    /// Keeps an answer.
    ///
    /// - Parameters:
    ///   - response: the answer.
    ///   - key: what was asked.
    /// - Returns: the answer that is kept: this one, or the one that another process kept for the
    ///   same request in the meantime, so that all of them go on with the same text.
    /// - Throws: `RefluxError` naming the file; the answer may then not be kept.
    @discardableResult
    public func store(
        _ response: CachedResponse, for key: ResponseKey
    ) async throws -> CachedResponse {
        let new = try JSONText.encode(response, pretty: false)
        let kept = try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO response (key, request, server, model, response, stored)
                    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING
                    """,
                arguments: [
                    key.digest, key.request, key.server, key.model, new,
                    Date().timeIntervalSince1970,
                ])
            guard database.changesCount == 0 else { return new }
            return try String.fetchOne(
                database, sql: "SELECT response FROM response WHERE key = ?",
                arguments: [key.digest]) ?? new
        }
        return kept == new ? response : try decode(kept)
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        do {
            return try await database.read(body)
        } catch let error as DatabaseError {
            throw inWords(error, path: path)
        }
    }

    /// Writes even where the task is cancelled: an answer that was paid for is kept.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        do {
            return try await Task { [database] in try await database.write(body) }.value
        } catch let error as DatabaseError {
            throw inWords(error, path: path)
        }
    }

    /// Gives the room of removed answers back to the disk.
    func compact() async throws {
        do {
            try await database.vacuum()
        } catch let error as DatabaseError {
            throw inWords(error, path: path)
        }
    }

    func decode(_ text: String) throws -> CachedResponse {
        try JSONText.decode(CachedResponse.self, from: Data(text.utf8), path: path)
    }
}
