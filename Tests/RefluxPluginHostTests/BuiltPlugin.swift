import Foundation
import PluginCorpus
import RefluxCore
import RefluxFiles

@testable import RefluxPluginHost

/// A plugin that was built for a test, with the manifest that its binary asks for.
struct BuiltPlugin {
    /// The plugin's folder.
    let folder: String

    /// The root of the repository.
    static var root: String {
        URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .path
    }

    /// Builds the project in a folder of the repository.
    init(project: String, id: String, in folder: String) throws {
        try PluginBuilder.run(
            "make", ["-s", "-C", "\(Self.root)/\(project)", "library", "OUT=\(folder)"])
        self.folder = "\(folder)/\(id)"
        try writeManifest(id)
    }

    /// Takes a library that lies at its place in the plugin's folder.
    init(id: String, in folder: String) throws {
        self.folder = "\(folder)/\(id)"
        try writeManifest(id)
    }

    /// The place of a plugin's library below its folder.
    static func library(_ id: String) -> String {
        "lib/linux-\(PluginBuilder.architecture)/\(id).so"
    }

    private func writeManifest(_ id: String) throws {
        let path = Self.library(id)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(path)"))
        let library = PluginManifest.Library(
            os: "linux", architecture: PluginBuilder.architecture, path: path,
            sha256: Files.sha256(of: bytes), size: bytes.count)
        let description = try InProcessPlugin.describe(libraryAt: "\(folder)/\(path)")
        try Data(PluginManifest.text(of: description, libraries: [library]).utf8)
            .write(to: URL(fileURLWithPath: "\(folder)/plugin.json"))
    }

    /// Checks it and loads it into this process.
    func load() throws -> InProcessPlugin {
        let manifest = try PluginManifest.read(folder: folder)
        return try InProcessPlugin.load(PluginLibrary.verify(manifest), services: PluginServices())
    }
}

/// A folder that goes away with it.
final class TemporaryFolder {
    /// The path.
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("reflux-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.resolvingSymlinksInPath().path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
