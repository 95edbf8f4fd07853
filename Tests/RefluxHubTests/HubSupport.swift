import Foundation
import RefluxCore
import RefluxFiles
import RefluxNetwork
import Synchronization
import TestServer

@testable import RefluxHub

/// A folder that is removed with this value.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appending(path: "reflux-hub-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func data(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: file(name))) }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: file(name)))
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The names in the folder, but for the lock.
    var names: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? []
    }
}

/// A repository of a model that is none, of a few kilobytes.
enum Tiny {
    static let weights = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) })
    static let files: [String: Data] = [
        "README.md": Data("# Tiny".utf8), "config.json": Data("{}".utf8),
        "tokenizer.json": Data(String(repeating: "[1, 2]\n", count: 500).utf8),
        "model.safetensors": weights, "pytorch_model.bin": Data("pickle".utf8),
        "onnx/model.onnx": Data("graph".utf8), "tiny.gguf": Data("GGUF".utf8),
    ]
    static let large: Set = ["model.safetensors", "pytorch_model.bin", "tiny.gguf"]
}

/// A download with its defaults.
struct Pull {
    var repository = "owner/tiny"
    var revision = "main"
    var selection = FileSelection.model
    var token: String?
    var policy = RetryPolicy(retries: 3, firstPause: 0.01, longestPause: 0.02, longestWait: 2)
    /// Longer than a busy machine lets a test wait.
    var idle = 120.0

    /// Downloads from a script's hub into a folder.
    func callAsFunction(
        _ script: HubScript, to folder: TemporaryFolder, told: Told = Told()
    ) async throws -> HubPull.Result {
        try await self(script.hub.origin, to: folder.path, told: told)
    }

    func callAsFunction(
        _ endpoint: String, to folder: String, told: Told = Told()
    ) async throws -> HubPull.Result {
        let pull = HubPull(
            try HubRepository(parsing: repository), revision: revision, selection: selection,
            to: folder,
            endpoint: try HubEndpoint(parsing: endpoint, at: SourceLocation(path: "test")),
            token: token, policy: policy, idle: idle, observer: told.observer)
        return try await pull.run(try await pull.choose())
    }
}

/// Collects what an observer is told.
final class Told: Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    var observer: RunObserver {
        RunObserver(note: { line in self.lines.withLock { $0.append(line) } })
    }
}
