import Foundation
import RefluxCore
import RefluxFiles

/// What a folder holds and where it comes from: `.reflux-pull.json`, written last.
///
/// While files are on their way, the same stands in `.reflux-pull.json.part`, so that a later call
/// knows of which content the parts are.
struct PullRecord: Sendable, Equatable, Codable {
    static let fileName = ".reflux-pull.json"
    static let partSuffix = ".part"

    /// `OWNER/NAME`
    var repository: String
    /// The server.
    var endpoint: String
    /// What was asked for: a branch, a tag or a commit.
    var revision: String
    /// The commit that it named.
    var commit: String
    /// The files, those of earlier calls for the same commit included.
    var files: [HubFile]
    /// The entity tags that the servers of the parts gave, by file; none in a finished record.
    var tags: [String: String]?

    /// The record of a folder; `nil` where there is none.
    ///
    /// - Throws: ``RefluxError`` when it cannot be read.
    static func read(_ folder: String) throws -> PullRecord? {
        try read(file: "\(folder)/\(fileName)")
    }

    /// The record of unfinished parts; `nil` where there is none, or where a crash of the machine
    /// left a broken one: the parts then count for nothing.
    static func readUnfinished(_ folder: String) -> PullRecord? {
        try? read(file: "\(folder)/\(fileName)\(partSuffix)")
    }

    /// Writes the record of a whole folder and removes that of its parts.
    func write(to folder: String) throws {
        var record = self
        record.tags = nil
        try record.write(file: "\(folder)/\(Self.fileName)")
        try Files.remove("\(folder)/\(Self.fileName)\(Self.partSuffix)")
    }

    /// Writes the record of parts.
    func writeUnfinished(to folder: String) throws {
        try write(file: "\(folder)/\(Self.fileName)\(Self.partSuffix)")
    }

    private static func read(file: String) throws -> PullRecord? {
        guard Files.exists(file) else { return nil }
        return try JSONText.decode(PullRecord.self, from: Files.read(file), path: file)
    }

    private func write(file: String) throws {
        let text = try JSONText.encode(self, pretty: true) + "\n"
        try Files.writeAtomically(Data(text.utf8), to: file)
    }
}
