import Foundation
import RefluxCore
import RefluxFiles

/// The checkpoints of a training run: folders `step-N`, whole or not there, each with the engine's
/// state after N updates and a small file of whatever else the run must remember.
struct Checkpoints<State: Codable & Sendable>: Sendable {
    /// The folder of the folders.
    let folder: String
    /// How many are kept.
    var kept = 2

    /// A checkpoint that was found.
    struct Found: Sendable {
        /// Updates done.
        let step: Int
        /// What the run must remember.
        let state: State
    }

    /// Loads the newest checkpoint into the engine.
    ///
    /// - Returns: the checkpoint, or `nil` when there is none.
    /// - Throws: ``RefluxError`` when it cannot be read or does not fit the model.
    func restore(_ engine: any LanguageModelEngine) async throws -> Found? {
        guard let step = try steps().last else { return nil }
        let stateFile = "\(path(of: step))/state.json"
        let state = try JSONText.decode(State.self, from: Files.read(stateFile), path: stateFile)
        try await engine.load(from: "\(path(of: step))/engine")
        return Found(step: step, state: state)
    }

    /// Saves a checkpoint after `step` updates and removes those that are too old.
    ///
    /// - Throws: ``RefluxError`` when it cannot be written; older ones are untouched then.
    func save(_ engine: any LanguageModelEngine, step: Int, state: State) async throws {
        try Files.makeFolder(folder)
        try await Files.writeFolderAtomically(path(of: step)) { temporary in
            try Files.makeFolder("\(temporary)/engine")
            try await engine.save(to: "\(temporary)/engine")
            let text = try JSONText.encode(state, pretty: false)
            try Files.writeAtomically(Data(text.utf8), to: "\(temporary)/state.json")
        }
        for old in try steps().dropLast(kept) { try Files.remove(path(of: old)) }
    }

    /// The updates after which there is a checkpoint, ascending.
    func steps() throws -> [Int] {
        guard Files.isFolder(folder) else { return [] }
        return try Files.list(folder).compactMap { name in
            name.hasPrefix("step-") ? Int(name.dropFirst("step-".count)) : nil
        }.sorted()
    }

    private func path(of step: Int) -> String { "\(folder)/step-\(step)" }
}

/// For runs that must remember nothing but their step.
struct NoState: Codable, Sendable {}
