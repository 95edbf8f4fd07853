import Foundation
import RefluxCore
import RefluxFiles

/// The plugins of a run, pinned by their hashes: the file `reflux.lock` beside the run file.
///
/// A run with a lock loads only plugins that are in it, unchanged. The lock is JSON:
/// `lock_version` 1 and `plugins`, each with `id`, `version`, `manifest_sha256` and `libraries` of
/// `os`, `arch` and `sha256`, sorted by id. Commit it beside the run file.
///
/// A value; may be used from any thread.
public struct PluginLock: Sendable, Equatable {
    /// A library of one platform.
    public struct Library: Sendable, Equatable {
        /// As in the manifest.
        public var os: String
        /// As in the manifest.
        public var architecture: String
        /// SHA-256 in hexadecimal digits.
        public var sha256: String
    }

    /// One pinned plugin.
    public struct Entry: Sendable, Equatable {
        /// The plugin's id.
        public var id: String
        /// Its version.
        public var version: String
        /// SHA-256 of the bytes of `plugin.json`, in hexadecimal digits.
        public var manifestSHA256: String
        /// Its libraries, one a platform.
        public var libraries: [Library]

        /// Pins a plugin as it is.
        public init(_ manifest: PluginManifest) {
            id = manifest.id
            version = manifest.version
            manifestSHA256 = manifest.sha256
            libraries = manifest.libraries.map {
                Library(os: $0.os, architecture: $0.architecture, sha256: $0.sha256)
            }
        }

        fileprivate init(
            id: String, version: String, manifestSHA256: String, libraries: [Library]
        ) {
            (self.id, self.version) = (id, version)
            (self.manifestSHA256, self.libraries) = (manifestSHA256, libraries)
        }
    }

    /// The name of the file.
    public static let fileName = "reflux.lock"

    /// The file.
    public var path: String
    /// The pinned plugins, sorted by id.
    public private(set) var plugins: [Entry]

    /// Pins plugins as they are.
    ///
    /// - Parameters:
    ///   - manifests: the plugins, each id once.
    ///   - path: the file, for ``write()`` and for errors.
    public init(_ manifests: [PluginManifest], path: String) {
        self.path = path
        plugins = manifests.map(Entry.init).sorted { $0.id < $1.id }
    }

    /// Reads a lock.
    ///
    /// - Throws: ``RefluxError`` of kind `input` with the check `plugin.lock` and the line.
    public init(readFrom path: String) throws {
        self.path = path
        plugins = try Self.read(path)
    }

    /// Writes the lock, so that its name shows the old lock or the new one, never a part.
    ///
    /// - Throws: ``RefluxError`` of kind `system` when the disk is full or the folder not writable.
    public func write() throws {
        let value: JSONValue = [
            "lock_version": .integer(1), "plugins": .array(plugins.map(\.json)),
        ]
        try Files.writeAtomically(Data(value.prettyText.utf8), to: path)
    }

    /// Sees that a plugin is the one that is pinned.
    ///
    /// - Throws: ``RefluxError`` of kind `input` with the check `plugin.lock` that names all that
    ///   differs; also for a plugin that is not in the lock.
    public func check(_ manifest: PluginManifest) throws {
        let now = Entry(manifest)
        guard let pinned = plugins.first(where: { $0.id == manifest.id }) else {
            throw PluginCheck.pluginLock.error(
                found: "the plugin \"\(manifest.id)\" is not in it", at: SourceLocation(path: path),
                wanted: "every plugin of the run", remedy: Self.remedy)
        }
        let differences = pinned.differences(from: now)
        guard !differences.isEmpty else { return }
        throw PluginCheck.pluginLock.error(
            found: "the plugin in \(manifest.folder) has \(differences.joined(separator: ", "))",
            at: SourceLocation(path: path, key: manifest.id), wanted: "the plugin that is pinned",
            remedy: "Install that plugin again, or: " + Self.remedy)
    }

    private static let remedy = "If you trust the plugin, pin it: reflux plugin lock."
}

extension PluginLock {
    private static func read(_ path: String) throws -> [Entry] {
        let file = Files.expand(path)
        let place = SourceLocation(path: file)
        let bytes: [UInt8]
        do {
            bytes = try PluginFile(file).read(limit: JSONDocument.sizeLimit)
        } catch {
            throw PluginCheck.pluginLock.error(
                found: error.text, at: place, wanted: "a lock file",
                remedy: "Write it: reflux plugin lock.")
        }
        let root = try JSONDocument.parse(bytes, at: place, checks: .all(.pluginLock))
        let top = try reader(root, file: file, known: ["lock_version", "plugins"])
        guard try top.integer("lock_version", in: 1...Int.max) == 1 else {
            throw top.wrong(
                "lock_version", wanted: "1",
                remedy: "The lock is newer than this reflux: install a newer reflux.")
        }
        var plugins: [Entry] = []
        for (index, node) in try top.list("plugins", isEmptyFine: true).enumerated() {
            let reader = try reader(
                node, key: "plugins[\(index)]", file: file,
                known: ["id", "version", "manifest_sha256", "libraries"])
            let entry = Entry(
                id: try reader.text("id"), version: try reader.text("version"),
                manifestSHA256: try reader.text("manifest_sha256"),
                libraries: try libraries(reader, file: file))
            guard !plugins.contains(where: { $0.id == entry.id }) else {
                throw reader.wrong(
                    "id", wanted: "every plugin once",
                    found: "the plugin \(quoted(entry.id)) a second time")
            }
            plugins.append(entry)
        }
        return plugins.sorted { $0.id < $1.id }
    }

    private static func libraries(_ plugin: JSONFieldReader, file: String) throws -> [Library] {
        try plugin.list("libraries").enumerated().map { index, node in
            let reader = try reader(
                node, key: "\(plugin.dotted("libraries"))[\(index)]", file: file,
                known: ["os", "arch", "sha256"])
            return Library(
                os: try reader.text("os"), architecture: try reader.text("arch"),
                sha256: try reader.text("sha256"))
        }
    }

    /// A lock is written by the program alone, so that unknown keys in it are refused.
    private static func reader(_ node: JSONNode, key: String = "", file: String, known: [String])
        throws -> JSONFieldReader
    {
        let reader = try JSONFieldReader(
            node, key: key, file: file, known: known, check: .pluginLock,
            remedy: "Write it again: reflux plugin lock.")
        guard var stray = reader.unknown().first else { return reader }
        stray.check = PluginCheck.pluginLock.rawValue
        throw stray
    }
}

extension PluginLock.Entry {
    fileprivate var json: JSONValue {
        [
            "id": .string(id), "version": .string(version),
            "manifest_sha256": .string(manifestSHA256),
            "libraries": .array(
                libraries.map {
                    [
                        "os": .string($0.os), "arch": .string($0.architecture),
                        "sha256": .string($0.sha256),
                    ]
                }),
        ]
    }

    /// What another state of the plugin has that this one has not, in words.
    fileprivate func differences(from other: PluginLock.Entry) -> [String] {
        var differences: [String] = []
        if version != other.version {
            differences.append("the version \(other.version), not \(version)")
        }
        for library in other.libraries where !libraries.contains(library) {
            let pinned = libraries.first {
                $0.os == library.os && $0.architecture == library.architecture
            }
            differences.append(
                "a library for \(library.os) \(library.architecture) with SHA-256 "
                    + library.sha256 + (pinned.map { ", not \($0.sha256)" } ?? ", not pinned"))
        }
        if manifestSHA256 != other.manifestSHA256 {
            differences.append(
                "a plugin.json with SHA-256 \(other.manifestSHA256), not \(manifestSHA256)")
        }
        return differences
    }
}
