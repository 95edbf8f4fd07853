import Foundation
import RefluxCore
import RefluxFiles

/// Makes `plugin.json` from a library, so that the two cannot drift.
public struct ManifestWriter: Sendable {
    /// Asks the library.
    public var probe: DescriptionProbe
    /// Golden cases, as paths in the plugin's folder.
    public var tests: [String]
    /// Host services that the plugin cannot do without.
    public var requiredServices: [String]
    /// Processor features that it cannot do without.
    public var requiredProcessorFeatures: [String]

    /// Makes a writer.
    public init(
        probe: DescriptionProbe, tests: [String] = [], requiredServices: [String] = [],
        requiredProcessorFeatures: [String] = []
    ) {
        self.probe = probe
        self.tests = tests
        self.requiredServices = requiredServices
        self.requiredProcessorFeatures = requiredProcessorFeatures
    }

    /// Writes the manifest of a library. Libraries for other processors stay listed when the manifest
    /// that is replaced is that of the same version of the plugin.
    ///
    /// - Parameters:
    ///   - library: the library, inside the folder of the manifest.
    ///   - output: the manifest, `ID/plugin.json`.
    /// - Returns: the manifest, read back and checked.
    /// - Throws: `RefluxError`, as ``DescriptionProbe`` and as reading the manifest. A manifest that
    ///   is refused is not left behind.
    @discardableResult
    public func write(library: String, output: String) throws -> PluginManifest {
        let parent = (output as NSString).deletingLastPathComponent
        let folder = Self.absolute(parent.isEmpty ? "." : parent)
        let path = Self.absolute(library)
        guard path.hasPrefix(folder + "/") else {
            throw PluginCheck.libraryPath.error(
                .usage, found: "the library is not in the folder of the manifest",
                at: SourceLocation(path: library), wanted: "a file below \(folder)",
                remedy: "Write the manifest to the plugin's folder, as plugin.json.")
        }
        guard (output as NSString).lastPathComponent == "plugin.json" else {
            throw PluginCheck.manifestRead.error(
                .usage, found: "a manifest of another name", at: SourceLocation(path: output),
                wanted: "plugin.json", remedy: "Name it plugin.json in the plugin's folder.")
        }
        let description = try probe.description(ofLibraryAt: path)
        let bytes = try Files.read(path)
        let host = HostPlatform.current
        let own = PluginManifest.Library(
            os: host.os, architecture: host.architecture,
            path: String(path.dropFirst(folder.count + 1)), sha256: Files.sha256(of: bytes),
            size: bytes.count)
        let text = try PluginManifest.text(
            of: description, libraries: [own] + otherLibraries(in: folder, of: description),
            tests: tests, requiredServices: requiredServices,
            requiredProcessorFeatures: requiredProcessorFeatures)
        let old = Files.exists(output) ? try Files.read(output) : nil
        try Files.writeAtomically(Data(text.utf8), to: output)
        do {
            return try PluginManifest.read(folder: folder)
        } catch {
            if let old {
                try Files.writeAtomically(old, to: output)
            } else {
                try Files.remove(output)
            }
            throw error
        }
    }

    private func otherLibraries(
        in folder: String, of plugin: PluginDescription
    ) -> [PluginManifest.Library] {
        guard let old = try? PluginManifest.read(folder: folder), old.id == plugin.id,
            old.version == plugin.version
        else { return [] }
        return old.libraries.filter { $0.architecture != HostPlatform.current.architecture }
    }

    private static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: Files.expand(path)).resolvingSymlinksInPath().path
    }
}
