import Foundation
import RefluxCore
import RefluxFiles

/// `reward.json`: what a saved reward model is beside its body, which stands in `model/`, and its
/// reference in `reference/`.
struct SavedReward: Codable, Equatable {
    /// The version of this format.
    var version = Self.currentVersion
    /// How it was made and how it is read.
    var settings: RewardSettings
    /// The learned weights of the features.
    var weights: FeatureWeights
    /// What standardises the features.
    var scale: FeatureScale

    /// From version 2 on the features are standardised; from 3 on the mean is one of them.
    private static let currentVersion = 3

    private struct Version: Decodable { var version: Int }

    /// The folder of the body.
    static func modelFolder(in folder: String) -> String { "\(folder)/model" }

    /// The folder of the initial body, where scores are measured against it.
    static func referenceFolder(in folder: String) -> String { "\(folder)/reference" }

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
        let data = try Files.read(path)
        // Read first, and alone: another version may lack what this one has.
        let version = try JSONText.decode(Version.self, from: data, path: path).version
        guard version == currentVersion else {
            throw RefluxError(
                .input, found: "version \(version)", at: SourceLocation(path: path),
                wanted: "version \(currentVersion)",
                remedy: "Use the release that wrote it, or train anew.")
        }
        return try JSONText.decode(SavedReward.self, from: data, path: path)
    }
}
