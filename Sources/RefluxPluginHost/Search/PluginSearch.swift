import Foundation
public import RefluxCore
import RefluxFiles

/// Where plugins are looked for, and what stands there. Finding runs no code, and found is not
/// enabled: a run uses only what it names.
///
/// The order, in which the first plugin of an id wins:
/// 1. the folders that the caller names, such as those of `--plugin` and of the run file;
/// 2. `REFLUX_PLUGIN_PATH`, absolute folders separated by colons;
/// 3. `$XDG_DATA_HOME/reflux/plugins`, which is `~/.local/share/reflux/plugins` where the variable is
///    not set to an absolute path;
/// 4. `/usr/local/lib/reflux/plugins`, then `/usr/lib/reflux/plugins`;
/// 5. the bundled plugins: `lib/reflux/plugins` beside the folder of the program, or
///    `.build/plugins` when it runs out of a build folder.
///
/// Never the current folder. A value; may be used from any thread.
///
/// ```swift
/// let search = PluginSearch()
/// let folder = try search.folder(for: "length-penalty", baseFolder: "/home/me/runs")
/// let manifest = try PluginManifest.read(folder: folder)
/// ```
public struct PluginSearch: Sendable {
    /// Where a folder of plugins comes from.
    public enum Origin: String, Sendable, Codable, CaseIterable {
        /// Named by the caller.
        case named
        /// `REFLUX_PLUGIN_PATH`.
        case environment = "REFLUX_PLUGIN_PATH"
        /// The user's data folder.
        case user
        /// The system's folders.
        case system
        /// Those that come with the program.
        case bundled
    }

    /// A folder that holds plugins, each in a folder of its own.
    public struct Root: Sendable, Equatable {
        /// An absolute path; nothing need stand there.
        public var path: String
        /// Where it comes from.
        public var origin: Origin
    }

    /// A folder with a `plugin.json`.
    public struct Found: Sendable {
        /// Its absolute path.
        public var folder: String
        /// Where it was found.
        public var origin: Origin
        /// The manifest, or why it cannot be used.
        public var manifest: Result<PluginManifest, RefluxError>
        /// The folder of the plugin of the same id that comes first; `nil` for the first.
        public var hiddenBy: String?
    }

    /// What is odd about the environment, as sentences: entries that are left out.
    public let warnings: [String]
    private let named: [String]
    private let searched: [Root]

    /// A search.
    ///
    /// - Parameters:
    ///   - named: the folders of single plugins that the caller names; absolute paths.
    ///   - variable: the environment. By default what `secure_getenv` gives, so that a program that
    ///     runs with rights that its user lacks takes nothing from there.
    ///   - home: the user's home folder.
    ///   - executable: the absolute path of the program, without symbolic links.
    public init(
        named: [String] = [], variable: ((String) -> String?)? = nil, home: String? = nil,
        executable: String? = nil
    ) {
        let variable = variable ?? PluginFile.secureEnvironment
        let (paths, warnings) = Self.environmentRoots(variable("REFLUX_PLUGIN_PATH") ?? "")
        let home = home ?? NSHomeDirectory()
        let executable = executable ?? (try? PluginFile.realPath("/proc/self/exe"))
        let data = variable("XDG_DATA_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
        self.named = named
        self.warnings = warnings
        searched =
            paths.map { Root(path: $0, origin: .environment) }
            + [
                Root(path: "\(data ?? "\(home)/.local/share")/reflux/plugins", origin: .user),
                Root(path: "/usr/local/lib/reflux/plugins", origin: .system),
                Root(path: "/usr/lib/reflux/plugins", origin: .system),
            ]
            + (executable.map(Self.bundledRoot).map { [Root(path: $0, origin: .bundled)] } ?? [])
    }

    /// The folders in which plugins are looked for by their ids, in the order of the search.
    public func roots() -> [Root] { searched }

    /// Every folder with a `plugin.json`, in the order of the search; in one root by name. A broken
    /// plugin neither hides nor stops another. Folders that cannot be read are as if empty.
    public func all() -> [Found] {
        var found: [Found] = []
        let folders =
            named.map { (path: $0, origin: Origin.named) }
            + searched.flatMap { root in
                Self.plugins(in: root.path).map { (path: $0, origin: root.origin) }
            }
        for (path, origin) in folders where !found.contains(where: { $0.folder == path }) {
            let manifest = Self.manifest(path)
            let first = found.first { Self.id($0) != nil && Self.id($0) == Self.id(manifest) }
            found.append(
                Found(
                    folder: path, origin: origin, manifest: manifest, hiddenBy: first?.folder))
        }
        return found
    }

    /// The folder that a run file or a command means.
    ///
    /// - Parameters:
    ///   - reference: a path, which is what contains a `/`, or the id of a plugin.
    ///   - baseFolder: the folder against which relative paths are resolved; `~/` is the home
    ///     folder.
    ///   - place: where the reference stands, for errors; by default the base folder.
    /// - Returns: a folder with a `plugin.json`; of several with the id the first whose manifest can
    ///   be used, otherwise the first.
    /// - Throws: ``RefluxError`` of kind `usage` with the check `plugin.found`.
    public func folder(
        for reference: String, baseFolder: String, at place: SourceLocation? = nil
    ) throws -> String {
        if reference.contains("/") {
            return try Self.folder(atPath: reference, in: baseFolder, place: place)
        }
        let place = place ?? SourceLocation(path: baseFolder)
        guard PluginName.isPluginID(reference) else {
            throw PluginCheck.pluginFound.error(
                .usage, found: "the plugin \(quoted(reference))",
                at: place,
                wanted: "a plugin's id, or a path with a \"/\"",
                remedy: "For a folder here write \"./\(reference)\".")
        }
        let named = named.filter { Self.lastPart(of: $0) == reference && Self.hasManifest($0) }
        let candidates =
            named
            + searched.map { "\($0.path)/\(reference)" }.filter(Self.hasManifest)
        if let first = candidates.first {
            return candidates.first { (try? Self.manifest($0).get()) != nil } ?? first
        }
        let ids = Set(searched.flatMap { Self.plugins(in: $0.path) }.map(Self.lastPart))
        throw PluginCheck.pluginFound.error(
            .usage, found: "no plugin \"\(reference)\"", at: place,
            wanted: "one of the plugins that `reflux plugin list` shows, or a path with a \"/\"",
            remedy: ids.isEmpty
                ? "There are no plugins in \(searched.map(\.path).joined(separator: ", "))."
                : suggestion(for: reference, known: Array(ids)))
    }
}

extension PluginSearch {
    private static func environmentRoots(_ text: String) -> (paths: [String], warnings: [String]) {
        let entries = text.split(separator: ":").map(String.init)
        let warnings = entries.filter { !$0.hasPrefix("/") }.map {
            "REFLUX_PLUGIN_PATH: \(quoted($0)) is not an absolute path and is left out."
        }
        return (entries.filter { $0.hasPrefix("/") }, warnings)
    }

    /// Where the plugins lie that come with a program: of a build folder, or of an installation.
    private static func bundledRoot(_ executable: String) -> String {
        let parts = executable.split(separator: "/")
        if let build = parts.lastIndex(of: ".build") {
            return "/" + parts[...build].joined(separator: "/") + "/plugins"
        }
        return "/" + (parts.dropLast(2) + ["lib", "reflux", "plugins"]).joined(separator: "/")
    }

    /// The folders with a `plugin.json` in a root, by name.
    private static func plugins(in root: String) -> [String] {
        ((try? Files.list(root)) ?? []).map { "\(root)/\($0)" }.filter(hasManifest)
    }

    private static func hasManifest(_ folder: String) -> Bool {
        Files.isFolder(folder) && Files.exists("\(folder)/\(PluginManifest.fileName)")
    }

    private static func manifest(_ folder: String) -> Result<PluginManifest, RefluxError> {
        do {
            return .success(try PluginManifest.read(folder: folder))
        } catch let error as RefluxError {
            return .failure(error)
        } catch {
            return .failure(RefluxError(.internalFault, found: "\(error)"))
        }
    }

    private static func id(_ found: Found) -> String? { id(found.manifest) }

    private static func id(_ manifest: Result<PluginManifest, RefluxError>) -> String? {
        try? manifest.get().id
    }

    private static func lastPart(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? ""
    }

    private static func folder(
        atPath path: String, in baseFolder: String, place: SourceLocation?
    ) throws -> String {
        var folder = Files.expand(path)
        if !folder.hasPrefix("/") { folder = "\(Files.expand(baseFolder))/\(folder)" }
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        if hasManifest(folder) { return folder }
        let found =
            !Files.exists(folder)
            ? "there is no such folder"
            : Files.isFolder(folder) ? "a folder without a plugin.json" : "a file"
        let built = plugins(in: "\(folder)/build").first.map { "Did you mean \($0)?" }
        throw PluginCheck.pluginFound.error(
            .usage, found: place == nil ? found : "\(folder): \(found)",
            at: place ?? SourceLocation(path: folder),
            wanted: "the folder of a plugin, with a plugin.json",
            remedy: built
                ?? (Files.exists("\(folder)/Makefile")
                    ? "Build the plugin with make, then name the folder in build/."
                    : "Check the path."))
    }
}
