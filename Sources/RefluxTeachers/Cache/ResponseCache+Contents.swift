import Foundation
import GRDB
import RefluxFiles

/// What a response cache holds, for `reflux cache`.
extension ResponseCache {
    /// How much a file holds of one model of one server.
    public struct Count: Sendable, Codable, Equatable {
        /// The server's base address.
        public var server: String
        /// The model.
        public var model: String
        /// The answers.
        public var responses: Int
        /// Their generated tokens, as far as they are known.
        public var tokens: Int
        /// The tokens of their prompts, as far as they are known.
        public var promptTokens: Int
        /// The time their requests took, in seconds.
        public var seconds: Double

        enum CodingKeys: String, CodingKey {
            case server, model, responses, tokens, seconds
            case promptTokens = "prompt_tokens"
        }
    }

    /// Which answers are meant; what is `nil` does not matter.
    public struct Selection: Sendable, Equatable {
        /// The server's base address.
        public var server: String?
        /// The model.
        public var model: String?

        /// Selects answers; all, when both are left out.
        public init(server: String? = nil, model: String? = nil) {
            self.server = server
            self.model = model
        }

        fileprivate var condition: String {
            "(?1 IS NULL OR server = ?1) AND (?2 IS NULL OR model = ?2)"
        }

        fileprivate var arguments: StatementArguments { [server, model] }
    }

    /// An answer with what was asked.
    public struct Entry: Sendable, Encodable {
        /// The place among all that were ever kept, from 1.
        public var number: Int
        /// The SHA-256 of the request.
        public var key: String
        /// The server's base address.
        public var server: String
        /// The model that was asked for.
        public var model: String
        /// When the answer was kept, in seconds since 1970.
        public var stored: Double
        /// What was asked, as JSON.
        public var request: String
        /// The answer.
        public var response: CachedResponse

        private enum CodingKeys: CodingKey { case key, server, model, stored }

        /// One flat table that the teacher `recorded` reads as it is. The request is left out: the
        /// question stands in it already.
        public func encode(to encoder: any Encoder) throws {
            var table = encoder.container(keyedBy: CodingKeys.self)
            try table.encode(key, forKey: .key)
            try table.encode(server, forKey: .server)
            try table.encode(model, forKey: .model)
            try table.encode(stored, forKey: .stored)
            try response.encode(to: encoder)
        }
    }

    /// The size of the file in bytes, without the journal beside it.
    public func size() async throws -> Int {
        try await read { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            return try pages * (Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0)
        }
    }

    /// Counts by server and model, in the order of their names.
    public func counts(_ selection: Selection = Selection()) async throws -> [Count] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT server, model, COUNT(*) AS responses,
                        TOTAL(json_extract(response, '$.tokens')) AS tokens,
                        TOTAL(json_extract(response, '$.prompt_tokens')) AS promptTokens,
                        TOTAL(json_extract(response, '$.seconds')) AS seconds
                    FROM response WHERE \(selection.condition)
                    GROUP BY server, model ORDER BY server, model
                    """, arguments: selection.arguments
            ).map { row in
                Count(
                    server: row["server"], model: row["model"], responses: row["responses"],
                    tokens: row["tokens"], promptTokens: row["promptTokens"],
                    seconds: row["seconds"])
            }
        }
    }

    /// Answers in the order in which they were kept, a page at a time.
    ///
    /// - Parameters:
    ///   - selection: which ones.
    ///   - number: the number of the entry behind which to begin.
    ///   - limit: the most to return.
    /// - Returns: the answers; an empty list behind the last one.
    /// - Throws: `RefluxError` naming the file, for an answer that cannot be read too.
    public func entries(
        _ selection: Selection = Selection(), after number: Int = 0, limit: Int
    ) async throws -> [Entry] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM response
                    WHERE number > \(number) AND \(selection.condition)
                    ORDER BY number LIMIT \(limit)
                    """, arguments: selection.arguments
            ).map { row in
                Entry(
                    number: row["number"], key: row["key"], server: row["server"],
                    model: row["model"], stored: row["stored"], request: row["request"],
                    response: try self.decode(row["response"]))
            }
        }
    }

    /// Writes answers as lines of JSON that the teacher `recorded` reads, in the order in which they
    /// were kept.
    ///
    /// - Parameters:
    ///   - selection: which ones.
    ///   - path: the file. An older one is replaced when the new one is whole.
    /// - Returns: how many were written.
    /// - Throws: `RefluxError` naming the cache or the file that could not be written.
    public func export(_ selection: Selection = Selection(), to path: String) async throws -> Int {
        var lines = Data()
        var (count, last) = (0, 0)
        while true {
            let page = try await entries(selection, after: last, limit: 1000)
            guard let end = page.last else { break }
            for entry in page {
                lines.append(contentsOf: try JSONText.encode(entry, pretty: false).utf8)
                lines.append(0x0A)
            }
            (count, last) = (count + page.count, end.number)
        }
        try Files.writeAtomically(lines, to: path)
        return count
    }

    /// Removes answers and gives their room back to the disk.
    ///
    /// - Returns: how many were removed.
    public func remove(_ selection: Selection) async throws -> Int {
        let removed = try await write { database in
            try database.execute(
                sql: "DELETE FROM response WHERE \(selection.condition)",
                arguments: selection.arguments)
            return database.changesCount
        }
        try await compact()
        return removed
    }
}
