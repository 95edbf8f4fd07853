import Foundation
import RefluxCore
import RefluxFiles
package import RefluxPluginHost

/// What `reflux plugin lock` writes, and how it differs from what was there. No code of a plugin
/// runs; the libraries are checked against their manifests.
package struct PluginPins: Sendable, Encodable {
    /// What becomes of one plugin.
    struct Change: Sendable, Encodable {
        /// How the new lock differs from the old one.
        enum Kind: String, Sendable, Encodable {
            case added, changed, removed, unchanged
        }

        let id: String
        let version: String
        let change: Kind
    }

    let path: String
    let plugins: [Change]
    private let lock: PluginLock

    enum CodingKeys: String, CodingKey { case path, plugins }

    /// Looks at the plugins of run files that lie in one folder.
    ///
    /// - Throws: ``RefluxError`` when a run file or a plugin cannot be used.
    package init(runFiles: [String], baseFolder: String, means: PluginMeans) throws {
        path = PluginLock.path(beside: runFiles.first ?? "")
        var manifests: [PluginManifest] = []
        for file in runFiles {
            guard PluginLock.path(beside: file) == path else {
                throw RefluxError(
                    .usage, found: "run files in several folders", at: SourceLocation(path: file),
                    wanted: "those of one folder, which share \(path)",
                    remedy: "Call this for each folder.")
            }
            let plugins = try RunConfiguration.plugins(
                fileAt: file, baseFolder: baseFolder, means: means)
            for manifest in plugins.manifests where !manifests.contains(manifest) {
                try Self.refuseSecond(manifest, beside: manifests, of: file)
                _ = try PluginLibrary.verify(manifest)
                manifests.append(manifest)
            }
        }
        lock = PluginLock(manifests, path: path)
        let old = Files.exists(path) ? try PluginLock(readFrom: path).plugins : []
        let new = lock.plugins
        plugins =
            new.map { entry in
                let before = old.first { $0.id == entry.id }
                let kind: Change.Kind =
                    before == nil ? .added : before == entry ? .unchanged : .changed
                return Change(id: entry.id, version: entry.version, change: kind)
            }
            + old.filter { entry in !new.contains { $0.id == entry.id } }.map {
                Change(id: $0.id, version: $0.version, change: .removed)
            }
    }

    /// Writes the lock file.
    ///
    /// - Throws: ``RefluxError`` when it cannot be written.
    package func write() throws { try lock.write() }

    /// The changes for people.
    package var text: String {
        let lines = plugins.map { "  \($0.id) \($0.version): \($0.change.rawValue)" }
        let count = lock.plugins.count
        return (["\(path): \(count) plugin\(count == 1 ? "" : "s")"] + lines)
            .joined(separator: "\n")
    }

    private static func refuseSecond(
        _ manifest: PluginManifest, beside others: [PluginManifest], of file: String
    ) throws {
        guard let other = others.first(where: { $0.id == manifest.id }) else { return }
        throw RefluxError(
            .usage,
            found: "the plugin \"\(manifest.id)\" in \(manifest.folder), and another one in "
                + other.folder, at: SourceLocation(path: file),
            wanted: "one plugin of an id in all of the run files",
            remedy: "Name the same one, or keep the run files in folders of their own.")
    }
}
