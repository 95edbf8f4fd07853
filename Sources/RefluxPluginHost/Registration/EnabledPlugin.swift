import RefluxCore
import RefluxFiles
import Synchronization

/// One plugin of a run: its manifest is read, its code is not loaded before a part is made.
///
/// Safe to use from any thread.
final class EnabledPlugin: Sendable {
    /// What enabled it.
    let choice: PluginChoice
    /// What it says of itself.
    let manifest: PluginManifest
    private let means: PluginMeans
    private let loaded = Mutex<Loaded?>(nil)
    private let reports = Mutex<Reports>(Reports())

    /// The code, loaded.
    private struct Loaded {
        let library: PluginLibrary
        let runtime: any PluginRuntime
    }

    /// What was made, and what the parts said of it.
    private struct Reports {
        var effective: [String: String] = [:]
        var parts: [UsedPlugin.Part] = []
    }

    /// A plugin that is not loaded yet.
    init(choice: PluginChoice, manifest: PluginManifest, means: PluginMeans) {
        self.choice = choice
        self.manifest = manifest
        self.means = means
    }

    /// What the record says of it; `nil` while no part was made.
    var used: UsedPlugin? {
        guard let library = loaded.withLock({ $0?.library }) else { return nil }
        let parts = reports.withLock { $0.parts }
        guard !parts.isEmpty else { return nil }
        return UsedPlugin(
            id: manifest.id, version: manifest.version, folder: manifest.folder,
            manifestSHA256: manifest.sha256, librarySHA256: library.sha256,
            isolation: choice.isolation,
            parts: parts.sorted {
                ($0.kind.rawValue, $0.id, $0.configuration)
                    < ($1.kind.rawValue, $1.id, $1.configuration)
            })
    }

    /// Makes a part, after loading the code if no part was made before.
    ///
    /// - Throws: `RefluxError` with the id of a check.
    func make<Part>(
        _ kind: PluginKind, _ request: ExtensionRequest,
        by make: (any PluginRuntime, ExtensionRequest) throws -> Part
    ) throws -> Part {
        let runtime = try runtime()
        let part = try make(runtime, request)
        reports.withLock { reports in
            let configuration = reports.effective.removeValue(forKey: request.extensionID)
            let made = UsedPlugin.Part(
                kind: kind, id: request.extensionID,
                configuration: configuration ?? request.configuration)
            if !reports.parts.contains(made) { reports.parts.append(made) }
        }
        return part
    }

    private func runtime() throws -> any PluginRuntime {
        try loaded.withLock { loaded in
            if let loaded { return loaded.runtime }
            let library = try PluginLibrary.verify(manifest)
            let runtime = try means.load(library, as: choice, services: services)
            loaded = Loaded(library: library, runtime: runtime)
            return runtime
        }
    }

    private var services: PluginServices {
        PluginServices(
            log: means.log,
            effectiveConfiguration: { [weak self] id, json in
                self?.reports.withLock { $0.effective[id] = json }
            }, callLimit: .seconds(choice.callLimit))
    }
}
