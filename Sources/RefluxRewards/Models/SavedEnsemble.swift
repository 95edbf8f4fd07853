import Foundation
import RefluxCore
import RefluxFiles

/// `ensemble.json`: what a saved ensemble is beside its members, which have a folder each.
struct SavedEnsemble: Codable, Equatable {
    /// A member.
    struct Member: Codable, Equatable {
        /// The table that it was made from.
        var table: SavedTable
        /// Where its scores lie.
        var spread: FeatureScale.Spread
    }

    /// The version of this format.
    var version = 1
    /// How much disagreement costs.
    var lambda: Double
    /// The members.
    var members: [Member]

    /// The folder of a member.
    static func folder(of place: Int, in folder: String) -> String { "\(folder)/member-\(place)" }

    /// The file.
    static func place(in folder: String) -> SourceLocation {
        SourceLocation(path: "\(folder)/ensemble.json")
    }

    /// Writes the file.
    func write(to folder: String) throws {
        let text = try JSONText.encode(self, pretty: true)
        try Files.writeAtomically(Data(text.utf8), to: Self.place(in: folder).path)
    }

    /// Reads the file.
    ///
    /// - Throws: ``RefluxError`` of kind `input`: no such file, not JSON, another version.
    static func read(from folder: String) throws -> SavedEnsemble {
        let place = place(in: folder)
        let saved = try JSONText.decode(
            SavedEnsemble.self, from: try Files.read(place.path), path: place.path)
        guard saved.version == 1, !saved.members.isEmpty else {
            throw RefluxError(
                .input, found: "version \(saved.version) with \(saved.members.count) members",
                at: place, wanted: "version 1 with members",
                remedy: "Use the release that wrote it, or train anew.")
        }
        return saved
    }
}

/// A member in the checkpoint of an ensemble's fit, once it is fitted: the folder `whole` with
/// `member.json` and the model. Until then the folder `fit` is the model's own.
struct SavedMember: Codable, Equatable {
    /// Steps of its fit, as far as it told of them.
    var steps: Int
    /// Where its scores lie.
    var spread: FeatureScale.Spread

    /// The folder of the model.
    static func model(in folder: String) -> String { "\(folder)/whole/model" }

    /// Saves the model, whole or not at all, and removes the states of its fit.
    func write(_ model: any RewardModel, to folder: String) async throws {
        try Files.makeFolder(folder)
        try await Files.writeFolderAtomically("\(folder)/whole") { temporary in
            try Files.makeFolder("\(temporary)/model")
            try await model.save(to: "\(temporary)/model")
            let text = try JSONText.encode(self, pretty: true)
            try Files.writeAtomically(Data(text.utf8), to: "\(temporary)/member.json")
        }
        try Files.remove("\(folder)/fit")
    }

    /// Reads what is known of a fitted member; `nil` where it is not fitted yet.
    static func read(from folder: String) throws -> SavedMember? {
        let path = "\(folder)/whole/member.json"
        guard Files.exists(path) else { return nil }
        return try JSONText.decode(SavedMember.self, from: try Files.read(path), path: path)
    }
}
