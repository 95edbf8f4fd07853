import RefluxCore
import RefluxFiles

extension EnabledPlugin {
    /// Adds an extension to a registry under an id.
    ///
    /// - Throws: `RefluxError`: `manifest.schema`, or the id is taken.
    func register(
        _ provided: PluginExtension, as id: String, in registry: inout ExtensionRegistry
    ) throws {
        switch provided.kind {
        case .pseudoRewardRule:
            try register(.rule, provided, as: id, in: &registry) { try $0.makeRule($1) }
        case .policyOptimizer:
            try register(.optimizer, provided, as: id, in: &registry) { try $0.makeOptimizer($1) }
        case .taskEvaluator:
            try register(.task, provided, as: id, in: &registry) { try $0.makeTask($1) }
        case .teacherSource:
            try register(.teacher, provided, as: id, in: &registry) { try $0.makeTeacher($1) }
        case .rewardModel:
            try register(.rewardModel, provided, as: id, in: &registry) {
                try $0.makeRewardModel($1)
            }
        }
    }

    private func register<Part>(
        _ kind: ExtensionKind<Part>, _ provided: PluginExtension, as id: String,
        in registry: inout ExtensionRegistry,
        make: @escaping @Sendable (any PluginRuntime, ExtensionRequest) throws -> Part
    ) throws {
        let schema = try SettingsSchema(
            provided.configurationSchema, for: provided.kind,
            at: SourceLocation(path: manifest.path, key: provided.id))
        try registry.register(
            kind, id: id, title: provided.title, origin: .plugin(manifest.id),
            files: { table, context in
                self.files(schema: schema, table: table, context: context)
            },
            make: { reader, context in
                let request = try self.request(
                    provided, schema: schema, reader: reader, context: context)
                return try self.make(provided.kind, request, by: make)
            })
    }

    /// Reads a part's table. A key that nobody knows is refused before any code is loaded.
    private func request(
        _ provided: PluginExtension, schema: SettingsSchema, reader: ConfigurationReader,
        context: BuildContext
    ) throws -> ExtensionRequest {
        var request = ExtensionRequest(
            extensionID: provided.id, name: provided.id, seed: context.seed,
            baseFolder: context.baseFolder)
        if provided.kind == .teacherSource {
            request.name = try reader.string("name", default: provided.id)
        }
        if provided.kind == .rewardModel {
            request.load = try reader.optionalString("load").map(context.absolute)
        }
        request.configuration = try schema.read(reader, baseFolder: context.baseFolder).json
        try reader.finish()
        return request
    }

    /// The library, the manifest, and what the settings of format `path` name.
    private func files(
        schema: SettingsSchema, table: ConfigurationNode, context: BuildContext
    ) -> [String] {
        let library = (try? manifest.library()).map { "\(manifest.folder)/\($0.path)" }
        let paths = schema.properties.filter(\.isPath).map(\.name) + ["load"]
        guard case .table(let entries) = table.value else { return [] }
        let named = entries.filter { paths.contains($0.key) }.compactMap { entry in
            if case .string(let path) = entry.node.value, !path.isEmpty { path } else { nil }
        }
        // What is not there is the plugin's to complain about.
        return [library, manifest.path].compactMap(\.self)
            + named.map(context.absolute).filter(Files.exists)
    }
}

extension BuildContext {
    /// A path of the run file without `~`, absolute.
    func absolute(_ path: String) -> String { Files.expand(resolve(path)) }
}
