import Foundation
import RefluxCore
import RefluxFiles

/// What is known of a stage that was begun, `begun.json`, or is whole, `stage.json`.
struct StageRecord: Sendable, Codable, Equatable {
    /// The stage.
    var stage: StageID
    /// The hash of all that determines the outcome.
    var fingerprint: String
    /// When the stage was begun first, in UTC.
    var started: String
    /// When it was finished; absent while it is not whole.
    var ended: String?
    /// Seconds of work, those of orderly interrupted attempts included.
    var seconds: Double
    /// How many attempts it took.
    var attempts: Int
    /// The most memory of the process during the last attempt, in bytes; absent where the system
    /// does not tell.
    var peakMemory: Int?
    /// The artefacts by name, in bytes; folders with all that is in them.
    var outputs: [String: Int]

    enum CodingKeys: String, CodingKey {
        case stage, fingerprint, started, ended, seconds, attempts
        case peakMemory = "peak_memory_bytes"
        case outputs
    }

    /// The name of the record of a whole stage in the stage's folder.
    static let wholeName = "stage.json"
    /// The name of the record of a stage that was begun.
    static let begunName = "begun.json"

    /// Reads a record; `nil` when there is none.
    ///
    /// - Throws: ``RefluxError`` when there is one that cannot be read.
    static func read(_ name: String, in folder: String) throws -> StageRecord? {
        let path = "\(folder)/\(name)"
        guard Files.exists(path) else { return nil }
        return try JSONText.decode(StageRecord.self, from: Files.read(path), path: path)
    }

    /// Writes the record.
    func write(_ name: String, in folder: String) throws {
        let text = try JSONText.encode(self, pretty: true) + "\n"
        try Files.writeAtomically(Data(text.utf8), to: "\(folder)/\(name)")
    }
}
