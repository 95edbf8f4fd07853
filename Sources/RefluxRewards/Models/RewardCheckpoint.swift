import Foundation
import RefluxCore
import RefluxFiles

/// What a training run needs beside the engine's own state to go on exactly.
struct RewardCheckpoint: Codable, Equatable {
    /// Updates done.
    var step: Int
    /// The weights of the features with their moments.
    var weights: LearnedFeatureWeights
    /// A hash of settings, seed and data; a state of another training is refused.
    var fingerprint: String

    private static func folder(in checkpoint: String) -> String { "\(checkpoint)/state" }

    /// Writes the state with the engine's, whole or not at all.
    func write(to checkpoint: String, engine: any LanguageModelEngine) async throws {
        try Files.makeFolder(checkpoint)
        try await Files.writeFolderAtomically(Self.folder(in: checkpoint)) { folder in
            try Files.makeFolder("\(folder)/engine")
            try await engine.save(to: "\(folder)/engine")
            let text = try JSONText.encode(self, pretty: true)
            try Files.writeAtomically(Data(text.utf8), to: "\(folder)/training.json")
        }
    }

    /// Reads a state, if there is one, and takes the engine back to it.
    ///
    /// - Throws: ``RefluxError`` of kind `input` when it belongs to another training.
    static func read(
        from checkpoint: String, engine: any LanguageModelEngine, fingerprint: String
    ) async throws -> RewardCheckpoint? {
        let path = "\(folder(in: checkpoint))/training.json"
        guard Files.exists(path) else { return nil }
        let state = try JSONText.decode(
            RewardCheckpoint.self, from: try Files.read(path), path: path)
        guard state.fingerprint == fingerprint else {
            throw RefluxError(
                .input, found: "a state of a training with other settings or other data",
                at: SourceLocation(path: path), wanted: "a state of this training",
                remedy: "Remove the folder to train anew.")
        }
        try await engine.load(from: "\(folder(in: checkpoint))/engine")
        return state
    }

    /// The hash of everything that a training depends on, but for the body: its path alone is known.
    static func fingerprint(
        settings: some Encodable, data: RewardTrainingData
    ) throws -> String {
        var bytes = Data(try JSONText.encode(settings, pretty: false).utf8)
        // Every text is preceded by its length, so that no two trainings have the same bytes.
        func add(_ text: String) {
            bytes.append(contentsOf: "\(text.utf8.count):".utf8)
            bytes.append(contentsOf: text.utf8)
        }
        add("\(data.seed)")
        for group in data.groups {
            add("\(group.count)")
            for item in group {
                add("\(item.reward) \(item.weight)")
                add(item.item.prompt.displayText)
                add(item.item.text)
            }
        }
        return Files.sha256(of: bytes)
    }
}
