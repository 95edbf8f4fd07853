import Foundation
import Glibc
import PluginCorpus
import RefluxCore
import Testing

/// Runs a closure with an empty folder, whose path has no symbolic links, and removes it.
func withPluginFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("reflux-\(UUID().uuidString)").resolvingSymlinksInPath().path
    try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o755])
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
}

/// Runs a closure without the rights of the superuser, who may read everything: the calling thread
/// takes the user id of nobody for access to files (`setfsuid`).
func withoutSuperuser<Result>(_ body: () throws -> Result) throws -> Result {
    guard geteuid() == 0 else { return try body() }
    typealias SetFSUID = @convention(c) (uid_t) -> Int32
    let set = unsafeBitCast(try #require(dlsym(nil, "setfsuid")), to: SetFSUID.self)
    _ = set(65_534)
    defer { _ = set(0) }
    return try body()
}

/// The text of the error that a closure throws.
func refusal(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "no error"
    } catch {
        return "\(error)"
    }
}

/// The whole text of a file.
func contents(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
}

/// Writes a text to a file.
func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
}
