import Foundation
import RefluxCore
import RefluxFiles

/// How plugins are found and run, and where they say things.
public struct PluginMeans: Sendable {
    /// Where plugins are looked for.
    public var search: PluginSearch
    /// The program that serves isolated plugins: `reflux`, with its hidden verb `plugin-worker`.
    public var program: String
    /// Is given the cleaned log lines of plugins, from any thread.
    public var log:
        @Sendable (_ plugin: String, _ level: PluginServices.Level, _ text: String) ->
            Void

    /// Makes means.
    ///
    /// - Parameters:
    ///   - program: `nil` is the program that runs.
    ///   - search: `nil` is the search path that belongs to the program and the environment.
    ///   - log: is given the log lines of plugins.
    public init(
        program: String? = nil, search: PluginSearch? = nil,
        log: @escaping @Sendable (String, PluginServices.Level, String) -> Void = { _, _, _ in }
    ) {
        let program =
            program ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        self.program = program
        self.search = search ?? PluginSearch(executable: program)
        self.log = log
    }
}

extension PluginMeans {
    /// The manifest of the plugin that a run file names.
    ///
    /// - Throws: `RefluxError`: `plugin.found` at the place in the run file, or what is wrong with
    ///   the manifest.
    func manifest(of choice: PluginChoice, baseFolder: String) throws -> PluginManifest {
        do {
            let folder = try search.folder(for: choice.use, baseFolder: baseFolder)
            return try PluginManifest.read(folder: folder)
        } catch var error as RefluxError where error.check == PluginCheck.pluginFound.rawValue {
            if choice.isPath, let folder = error.location?.path { error.found += ": \(folder)" }
            error.location = choice.location
            throw error
        }
    }

    /// Says which plugin on the search path provides an extension that no enabled one does.
    func advice(kind: String, id: String, enabled: Set<String>) -> String? {
        let parts = id.split(separator: ":", maxSplits: 1).map(String.init)
        let manifests = search.all().filter { $0.hiddenBy == nil }
            .compactMap { try? $0.manifest.get() }
        let providers = manifests.filter { manifest in
            !enabled.contains(manifest.id) && (parts.count == 1 || parts[0] == manifest.id)
                && manifest.provides.contains {
                    $0.kind.registryName == kind && $0.id == parts.last
                }
        }.map(\.id)
        switch providers.count {
        case 0: return nil
        case 1:
            return "The plugin \"\(providers[0])\" has it: add \(providers[0]) to plugins, or call "
                + "with --plugin \(providers[0])."
        default:
            return "The plugins \(providers.joined(separator: ", ")) have it: add one of them to "
                + "plugins, or call with --plugin \(providers[0])."
        }
    }

    /// Loads a checked plugin, or prepares the processes in which it is loaded.
    ///
    /// - Throws: `RefluxError` of the checks `load.…`.
    func load(
        _ library: PluginLibrary, as choice: PluginChoice, services: PluginServices
    ) throws -> any PluginRuntime {
        switch choice.isolation {
        case .none: try InProcessPlugin.load(library, services: services)
        case .process:
            IsolatedPlugin(
                library, services: services,
                options: IsolatedPlugin.Options(
                    executable: program, memoryLimit: choice.memoryMegabytes << 20,
                    callLimit: services.callLimit))
        }
    }
}
