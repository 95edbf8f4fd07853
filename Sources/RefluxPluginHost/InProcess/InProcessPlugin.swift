public import RefluxCore

/// A plugin whose code runs in this process.
///
/// **What it promises.** Everything that comes back from the plugin is checked: status, memory,
/// counts, numbers, texts, time. What cannot be contained here is a crash, a hang, `exit()`, or the
/// use of all memory: for those, ``IsolatedPlugin``. Libraries are never unloaded.
///
/// **Threads.** Any; extensions that call themselves serial are called once at a time. **Cost.** A
/// call of a rule with eight responses adds some microseconds to what the plugin does.
public final class InProcessPlugin: PluginRuntime {
    private let context: PluginContext
    private let plugin: ReadyPlugin

    private init(context: PluginContext, plugin: ReadyPlugin) {
        self.context = context
        self.plugin = plugin
    }

    /// Loads a checked library, compares it with its manifest and calls its `init`. A library that
    /// is loaded already is not loaded again.
    ///
    /// - Parameters:
    ///   - library: the library.
    ///   - services: where the plugin says things.
    /// - Returns: the plugin, ready to make parts.
    /// - Throws: `RefluxError` of the checks `library.changed` and `load.*`.
    public static func load(
        _ library: PluginLibrary, services: PluginServices
    ) throws -> InProcessPlugin {
        let manifest = library.manifest
        let context = PluginContext(
            id: manifest.id, version: manifest.version, folder: manifest.folder,
            services: services)
        let plugin = try LoadedLibraries.ready(library, context: context)
        return InProcessPlugin(context: context, plugin: plugin)
    }

    /// Loads a library without a manifest and reads what it says of itself; `init` is not called.
    ///
    /// - Parameter path: the library. Its constructors run.
    /// - Returns: what the entry table says.
    /// - Throws: `RefluxError` of the checks `library.entry` and `load.*`.
    public static func describe(libraryAt path: String) throws -> PluginDescription {
        try PluginEntry(of: SharedLibrary(path)).description
    }

    /// Makes a rule.
    public func makeRule(_ request: ExtensionRequest) throws -> any PseudoRewardRule {
        let origin = try origin(of: request, .pseudoRewardRule)
        guard case .rule(let table) = origin.table else { throw missing(request) }
        return try PluginRule(origin, table)
    }

    /// Makes an optimizer.
    public func makeOptimizer(_ request: ExtensionRequest) throws -> any PolicyOptimizer {
        let origin = try origin(of: request, .policyOptimizer)
        guard case .optimizer(let table) = origin.table else { throw missing(request) }
        return try PluginOptimizer(origin, table)
    }

    /// Makes a task.
    public func makeTask(_ request: ExtensionRequest) throws -> any TaskEvaluator {
        let origin = try origin(of: request, .taskEvaluator)
        guard case .task(let table) = origin.table else { throw missing(request) }
        return try PluginTask(origin, table)
    }

    /// Makes a teacher.
    public func makeTeacher(_ request: ExtensionRequest) throws -> any TeacherSource {
        let origin = try origin(of: request, .teacherSource)
        guard case .teacher(let table) = origin.table else { throw missing(request) }
        return try PluginTeacher(origin, table)
    }

    /// Makes a reward model, or loads a saved one, which is made with the configuration that it was
    /// saved with.
    public func makeRewardModel(_ request: ExtensionRequest) throws -> any RewardModel {
        let origin = try origin(of: request, .rewardModel)
        guard case .rewardModel(let table) = origin.table else { throw missing(request) }
        return try PluginRewardModel(origin, table)
    }

    private func origin(
        of request: ExtensionRequest, _ kind: PluginKind
    ) throws -> InstanceOrigin {
        let entry = plugin.entry
        guard
            let place = entry.description.extensions.firstIndex(where: {
                $0.kind == kind && $0.id == request.extensionID
            })
        else { throw missing(request, kind) }
        return InstanceOrigin(
            site: CallSite(
                plugin: context, extensionID: request.extensionID, runSeed: request.seed),
            isSerial: entry.description.extensions[place].concurrency == .serial,
            request: request, table: entry.tables[place], life: plugin.life)
    }

    private func missing(_ request: ExtensionRequest, _ kind: PluginKind? = nil) -> RefluxError {
        let known = plugin.entry.description.extensions.filter { $0.kind == kind }.map(\.id)
        return PluginCheck.pluginFound.error(
            .usage, found: "it has no \(kind?.name ?? "extension") \(quoted(request.extensionID))",
            at: SourceLocation(path: context.folder), wanted: "an extension of the plugin",
            remedy: suggestion(for: request.extensionID, known: known))
    }
}
