import Foundation
import RefluxCore
import RefluxFiles

/// `reward.json`: what a saved reward model is beside its body, which stands in `model/`.
struct SavedReward: Codable, Equatable {
    /// The version of this format.
    var version = 1
    /// How it was made and how it is read.
    var settings: RewardSettings
    /// The learned weights of the features.
    var weights: FeatureWeights

    /// The folder of the body.
    static func modelFolder(in folder: String) -> String { "\(folder)/model" }

    private static func path(in folder: String) -> String { "\(folder)/reward.json" }

    /// Writes the file.
    func write(to folder: String) throws {
        let text = try JSONText.encode(self, pretty: true)
        try Files.writeAtomically(Data(text.utf8), to: Self.path(in: folder))
    }

    /// Reads the file.
    ///
    /// - Throws: ``RefluxError`` of kind `input`: no such file, not JSON, another version.
    static func read(from folder: String) throws -> SavedReward {
        let path = path(in: folder)
        let saved = try JSONText.decode(
            SavedReward.self, from: try Files.read(path), path: path)
        guard saved.version == 1 else {
            throw RefluxError(
                .input, found: "version \(saved.version)", at: SourceLocation(path: path),
                wanted: "version 1", remedy: "Use the release that wrote it, or train anew.")
        }
        return saved
    }
}
