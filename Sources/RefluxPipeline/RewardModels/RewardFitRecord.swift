import Foundation
import RefluxCore
import RefluxFiles

/// The names in a folder of `reflux reward fit`.
enum RewardFitFolder {
    /// The reward model.
    static let model = "model"
    /// What determined it.
    static let record = "record.json"
    /// The sections `run`, `task`, `label` and `reward` with every default.
    static let settings = "resolved.yaml"
    /// The ids of the questions on both sides.
    static let split = "split.json"
    /// The states that an interrupted fit goes on from.
    static let checkpoints = "checkpoints"
    /// The numbers of every step.
    static let metrics = "metrics.jsonl"
    /// The held-out responses with their scores.
    static let heldOut = "held_out.jsonl"
    /// Some of the responses that were learnt from, with their scores.
    static let training = "training.jsonl"
    /// The report; it appears last.
    static let report = "report.json"
    /// The report for a browser.
    static let page = "report.html"
}

/// What determined a reward model of `reflux reward fit`: `record.json`. It appears first, and says
/// whether a folder may be gone on with.
package struct RewardFitRecord: Sendable, Codable, Equatable {
    /// The version of Reflux that began it.
    var refluxVersion: String
    /// The compiler that built it.
    var swiftVersion: String
    /// The id of the reward model.
    var use: String
    /// The task.
    var task: String
    /// The rule that gave the pseudo-rewards.
    var rule: String
    /// The split, and how much was used.
    var fit: RewardFitSettings
    /// How many questions and responses stand where.
    var counts: RecordedSplit.Counts
    /// The mean pseudo-reward of each model's responses on the side of training.
    var modelRewards: [String: Double]
    /// SHA-256 of every input file by path.
    var inputs: [String: String]
    /// A hash of the settings, of the contents of the inputs and of the split.
    var fingerprint: String
    /// The machine, in words.
    var hardware: [String: String]

    enum CodingKeys: String, CodingKey {
        case refluxVersion = "reflux"
        case swiftVersion = "swift"
        case use, task, rule, fit, counts
        case modelRewards = "model_rewards"
        case inputs, fingerprint, hardware
    }

    /// Reads the record of a folder; `nil` when there is none.
    static func read(in folder: String) throws -> RewardFitRecord? {
        let path = "\(folder)/\(RewardFitFolder.record)"
        // A run's folder has a file of that name too.
        guard Files.exists(path), Files.exists("\(folder)/\(RewardFitFolder.split)") else {
            return nil
        }
        return try JSONText.decode(Self.self, from: Files.read(path), path: path)
    }

    /// The sections `run`, `task`, `label` and `reward`.
    func settings(in folder: String) throws -> ConfigurationNode {
        let path = "\(folder)/\(RewardFitFolder.settings)"
        return try YAMLReader.read(try Files.readText(path), path: path)
    }
}

/// The ids of the questions on both sides: `split.json`.
struct RewardFitSplit: Sendable, Codable {
    /// Those that were learnt from.
    var training: [String]
    /// Those that are scored.
    var heldOut: [String]

    enum CodingKeys: String, CodingKey {
        case training
        case heldOut = "held_out"
    }
}
