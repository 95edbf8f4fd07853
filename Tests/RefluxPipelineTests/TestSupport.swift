import Foundation
import RefluxCore
import RefluxTesting

@testable import RefluxPipeline

/// A folder that is removed with this value.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appending(path: "reflux-tests-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a text file and returns its path.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let file = "\(path)/\(name)"
        let parent = (file as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(
            atPath: parent, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: file))
        return file
    }

    func read(_ name: String) throws -> String {
        try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
    }

    func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(path)/\(name)")
    }

    /// Checks a run file with the built-in parts; no model is opened.
    func configuration(_ text: String, overrides: [String] = []) throws -> RunConfiguration {
        try RunConfiguration.read(
            fileAt: write(text, to: "run.yaml"),
            overrides: overrides.map(ConfigurationOverride.init(parsing:)),
            runsFolder: "\(path)/runs", baseFolder: path, registry: builtInRegistry(),
            models: LinearEngineProvider())
    }
}

/// Run files of the tests.
enum RunFiles {
    /// Every default, with models that no test opens.
    static let small = """
        run: {name: small}
        task: {use: word-problems, train_size: 40, test_size: 10}
        teachers: [{use: local-model, model: teacher-folder}]
        student: {model: student-folder}

        """
}
