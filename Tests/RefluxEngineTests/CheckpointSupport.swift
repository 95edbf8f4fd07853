import Foundation
import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxEngine

/// A folder that is there for one test.
func withTemporaryFolder<T>(_ body: (String) async throws -> T) async throws -> T {
    let path = NSTemporaryDirectory() + "reflux-engine-\(UUID().uuidString)"
    try Files.makeFolder(path)
    defer { try? Files.remove(path) }
    return try await body(path)
}

/// The error of a call, as the user reads it, with a temporary folder's path shortened to `F`.
func message(in folder: String, _ body: () throws -> Void) -> String {
    do {
        try body()
        return "no error"
    } catch {
        return "\(error)".replacingOccurrences(of: folder, with: "F")
    }
}

func write(_ text: String, to path: String) throws {
    try Files.writeAtomically(Data(text.utf8), to: path)
}

extension ModelBlueprint {
    /// A model of a few thousand parameters.
    static let tiny = ModelBlueprint(
        layers: 2, width: 16, heads: 4, keyValueHeads: 2, feedForward: 24, contextLength: 64,
        vocabularySize: 270)
}
