import Foundation
import RefluxCore
import RefluxTesting

/// Paths of test data.
enum TestData {
    /// The fixtures beside the tests.
    static let fixtures = sibling("Fixtures")
    /// Real data that is not part of the package; tests that need it are skipped without it.
    static let gsm8k = packageRoot + "/../shared/data/gsm8k"
    static let hasGSM8K = FileManager.default.fileExists(atPath: gsm8k + "/test.jsonl")

    private static let packageRoot = sibling("../..")

    private static func sibling(_ name: String) -> String {
        (#filePath as NSString).deletingLastPathComponent + "/" + name
    }
}

/// A table of keys as a run file would give it.
func reader(_ keys: [(String, ConfigurationValue)]) throws -> ConfigurationReader {
    let entries = keys.map { key, value in
        ConfigurationEntry(key, ConfigurationNode(value, at: place(of: key)))
    }
    return try ConfigurationReader(
        ConfigurationNode(.table(entries), at: SourceLocation(path: "run.yaml", key: "task")))
}

private func place(of key: String) -> SourceLocation {
    SourceLocation(path: "run.yaml", line: 3, key: "task.\(key)")
}

/// Runs a body with the path of a fresh folder that is removed afterwards.
func withTemporaryFolder<Result>(_ body: (_ folder: String) throws -> Result) throws -> Result {
    let folder = NSTemporaryDirectory() + "reflux-tasks-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
}
