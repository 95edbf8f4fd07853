import RefluxCore
import RefluxFiles
import RefluxTeachers

/// The response cache as `reflux cache` sees it. Nothing is made where no file is.
package struct CacheFile: Sendable {
    /// The file.
    package let path: String
    private let cache: ResponseCache

    /// Opens a file; the one that all runs share without a path.
    ///
    /// - Throws: ``RefluxError`` naming a file that is not there or is no cache.
    package init(_ path: String?) throws {
        self.path = Files.expand(path ?? ResponseCachePlace.standardPath())
        guard Files.exists(self.path) else {
            throw RefluxError(
                .input, found: "there is no response cache", at: SourceLocation(path: self.path),
                remedy: "Runs make it with the first answer of a server; --cache names another.")
        }
        cache = try ResponseCache(path: self.path)
    }

    /// What it holds, by server and model.
    package func contents() async throws -> CacheContents {
        CacheContents(path: path, bytes: try await cache.size(), models: try await cache.counts())
    }

    /// The first answers of a server or a model, and how many there are in all.
    package func answers(
        server: String?, model: String?, limit: Int
    ) async throws -> (listing: CacheListing, total: Int) {
        let selection = ResponseCache.Selection(server: server, model: model)
        let total = try await cache.counts(selection).reduce(0) { $0 + $1.responses }
        let entries = try await cache.entries(selection, limit: limit)
        return (CacheListing(entries: entries), total)
    }

    /// Writes answers for the teacher `recorded`; returns how many.
    package func export(server: String?, model: String?, to file: String) async throws -> Int {
        try await cache.export(.init(server: server, model: model), to: file)
    }

    /// Removes answers; returns how many.
    package func clear(server: String?, model: String?) async throws -> Int {
        try await cache.remove(.init(server: server, model: model))
    }
}

/// What `reflux cache info` prints.
package struct CacheContents: Sendable, Encodable {
    let path: String
    let bytes: Int
    let models: [ResponseCache.Count]

    /// A line about the file and a table of its models.
    package var text: String {
        let responses = models.reduce(0) { $0 + $1.responses }
        let megabytes = shortNumber(Double(bytes) / 1_000_000)
        let head = "\(path): \(responses) responses, \(megabytes) MB"
        guard !models.isEmpty else { return head }
        let table = TextTable(
            header: ["server", "model", "responses", "tokens", "prompt tokens", "seconds"],
            lines: models.map {
                [
                    $0.server, $0.model, "\($0.responses)", "\($0.tokens)", "\($0.promptTokens)",
                    shortNumber($0.seconds),
                ]
            })
        return "\(head)\n\n\(table.plain)"
    }
}

/// What `reflux cache list` prints.
package struct CacheListing: Sendable, Encodable {
    let entries: [ResponseCache.Entry]

    /// How many are shown.
    package var count: Int { entries.count }

    /// A table with the beginning of each answer.
    package var text: String {
        TextTable(
            header: ["key", "model", "prompt", "sample", "temperature", "tokens", "answer"],
            lines: entries.map { entry in
                let answer = entry.response
                return [
                    String(entry.key.prefix(12)), entry.model, answer.promptID, "\(answer.sample)",
                    answer.temperature.map { "\($0)" } ?? "",
                    answer.tokenCount.map(String.init) ?? "",
                    Self.beginning(of: answer.text),
                ]
            }
        ).plain
    }

    private static func beginning(of text: String) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > 48 ? line.prefix(47) + "…" : line
    }

    /// The entries as a list.
    package func encode(to encoder: any Encoder) throws { try entries.encode(to: encoder) }
}
