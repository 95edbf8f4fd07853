import Foundation
public import RefluxCore
import RefluxFiles

/// The plugins of a run: their manifests are read and agree with each other; no code is loaded before
/// a part of one is made.
///
/// ```swift
/// let plugins = try EnabledPlugins(choices, baseFolder: folder)
/// try plugins.checkLock(beside: "run.yaml")
/// try plugins.register(in: &registry)
/// ```
///
/// A class in all but name: what was used is kept for the record. Safe to use from any thread.
public struct EnabledPlugins: Sendable {
    private let plugins: [EnabledPlugin]
    private let means: PluginMeans

    /// Finds plugins and reads their manifests.
    ///
    /// - Parameters:
    ///   - choices: which plugins.
    ///   - baseFolder: the folder against which relative paths are resolved, absolute.
    ///   - means: how plugins are found and run.
    /// - Throws: `RefluxError`: `plugin.found`, `plugin.duplicate`, or what is wrong with a
    ///   manifest.
    public init(
        _ choices: [PluginChoice], baseFolder: String, means: PluginMeans = PluginMeans()
    ) throws {
        self.means = means
        var plugins: [EnabledPlugin] = []
        for choice in choices {
            let manifest = try means.manifest(of: choice, baseFolder: baseFolder)
            if let other = plugins.first(where: { $0.manifest.id == manifest.id }) {
                throw PluginCheck.pluginDuplicate.error(
                    .usage,
                    found: "the plugin \"\(manifest.id)\" is enabled twice, from "
                        + "\(other.manifest.folder) and from \(manifest.folder)",
                    at: choice.location, wanted: "each plugin once",
                    remedy: "Remove one of the two."
                )
            }
            plugins.append(EnabledPlugin(choice: choice, manifest: manifest, means: means))
        }
        self.plugins = plugins
    }

    /// The manifests, in the order of the run file.
    public var manifests: [PluginManifest] { plugins.map(\.manifest) }

    /// The plugins of which parts were made, in the order of the run file.
    public var used: [UsedPlugin] { plugins.compactMap(\.used) }

    /// Adds every extension to a registry, under its id and as `plugin:extension`. An id that two
    /// plugins have can be used in its long form only.
    ///
    /// - Throws: `RefluxError`: `plugin.shadow`, or `manifest.schema`.
    public func register(in registry: inout ExtensionRegistry) throws {
        for plugin in plugins {
            for provided in plugin.manifest.provides {
                try refuseShadow(plugin, provided, in: registry)
                let long = "\(plugin.manifest.id):\(provided.id)"
                try plugin.register(provided, as: long, in: &registry)
                let owners = owners(of: provided)
                if owners.count == 1 {
                    try plugin.register(provided, as: provided.id, in: &registry)
                } else if owners.first == plugin.manifest.id {
                    try registerClash(provided, owners: owners, in: &registry)
                }
            }
        }
        let enabled = Set(plugins.map(\.manifest.id))
        let means = means
        registry.adviceOnUnknown = { kind, id in
            means.advice(kind: kind, id: id, enabled: enabled)
        }
    }

    /// The plugins that provide an id of a kind.
    private func owners(of provided: PluginExtension) -> [String] {
        plugins.map(\.manifest).filter { manifest in
            manifest.provides.contains { $0.kind == provided.kind && $0.id == provided.id }
        }.map(\.id)
    }

    private func refuseShadow(
        _ plugin: EnabledPlugin, _ provided: PluginExtension, in registry: ExtensionRegistry
    ) throws {
        guard registry.isBuiltIn(provided.kind, id: provided.id) else { return }
        throw PluginCheck.pluginShadow.error(
            found: "the extension \"\(provided.id)\" has the id of a built-in "
                + provided.kind.registryName,
            at: SourceLocation(path: plugin.manifest.path, key: provided.id),
            wanted: "an id that is not taken",
            remedy: "The author of the plugin has to rename it.")
    }

    private func registerClash(
        _ provided: PluginExtension, owners: [String], in registry: inout ExtensionRegistry
    ) throws {
        let long = owners.map { "\($0):\(provided.id)" }
        let refuse: @Sendable (ConfigurationReader) -> RefluxError = { reader in
            RefluxError(
                .usage,
                found: "\(owners.count) plugins have a \(provided.kind.registryName) "
                    + "\"\(provided.id)\"",
                at: reader.place(of: "use"), wanted: "one of \(long.joined(separator: ", "))",
                remedy: "Write the long form of the one that is meant.")
        }
        let title = "In several plugins: \(long.joined(separator: ", "))"
        let origin = ExtensionOrigin.plugin(owners.joined(separator: ", "))
        func add<Part>(_ kind: ExtensionKind<Part>) throws {
            try registry.register(kind, id: provided.id, title: title, origin: origin) {
                reader, _ in throw refuse(reader)
            }
        }
        switch provided.kind {
        case .pseudoRewardRule: try add(.rule)
        case .policyOptimizer: try add(.optimizer)
        case .taskEvaluator: try add(.task)
        case .teacherSource: try add(.teacher)
        case .rewardModel: try add(.rewardModel)
        }
    }
}

extension ExtensionRegistry {
    /// Whether an id of a kind belongs to a built-in part.
    fileprivate func isBuiltIn(_ kind: PluginKind, id: String) -> Bool {
        let owner =
            switch kind {
            case .pseudoRewardRule: origin(of: .rule, id: id)
            case .policyOptimizer: origin(of: .optimizer, id: id)
            case .taskEvaluator: origin(of: .task, id: id)
            case .teacherSource: origin(of: .teacher, id: id)
            case .rewardModel: origin(of: .rewardModel, id: id)
            }
        return owner == .builtIn
    }
}
