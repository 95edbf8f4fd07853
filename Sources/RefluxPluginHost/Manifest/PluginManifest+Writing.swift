import RefluxCore

extension PluginManifest {
    /// The text of the manifest of a plugin whose entry table was read from its library: what
    /// `reflux plugin manifest` writes, so that manifest and binary cannot drift apart. It reads
    /// back without warnings.
    ///
    /// - Parameters:
    ///   - plugin: what the library says.
    ///   - libraries: the libraries, one a platform.
    ///   - tests: golden cases, as paths in the plugin's folder.
    ///   - requiredServices: host services that it cannot do without.
    ///   - requiredProcessorFeatures: processor features that it cannot do without.
    ///   - standardLibrary: what the library links to beside the C library, where that matters.
    /// - Returns: JSON text, ended by a line feed.
    /// - Throws: ``RefluxError`` with the check `manifest.schema` when a configuration schema of the
    ///   library is none.
    public static func text(
        of plugin: PluginDescription, libraries: [Library], tests: [String] = [],
        requiredServices: [String] = [], requiredProcessorFeatures: [String] = [],
        standardLibrary: String? = nil
    ) throws -> String {
        var runtime: [JSONMember] = [
            JSONMember(key: "language", node: JSONNode(.string(plugin.language))),
            JSONMember(key: "toolchain", node: JSONNode(.string(plugin.toolchain))),
        ]
        if let standardLibrary {
            runtime.append(JSONMember(key: "stdlib", node: JSONNode(.string(standardLibrary))))
        }
        let required = [
            ("services", requiredServices), ("cpu_features", requiredProcessorFeatures),
        ].filter { !$0.1.isEmpty }.map { key, names in
            JSONMember(key: key, node: JSONNode(.array(names.map { .string($0) })))
        }
        let value: JSONValue = [
            "manifest_version": .integer(1),
            "id": .string(plugin.id),
            "name": .string(plugin.name),
            "version": .string(plugin.version),
            "license": .string(plugin.license),
            "description": .string(plugin.description),
            "abi": [
                "major": .integer(HostPlatform.current.abiMajor),
                "min_minor": .integer(plugin.minimumHostMinor),
            ],
            "libraries": .array(libraries.map(\.json)),
            "runtime": .object(runtime),
            "provides": .array(try plugin.extensions.map { try $0.json(plugin: plugin.id) }),
            "tests": .array(tests.map { .string($0) }),
        ]
        guard !required.isEmpty, case .object(var members) = value else { return value.prettyText }
        members.append(JSONMember(key: "requires", node: JSONNode(.object(required))))
        return JSONValue.object(members).prettyText
    }
}

extension PluginManifest.Library {
    fileprivate var json: JSONValue {
        [
            "os": .string(os), "arch": .string(architecture), "path": .string(path),
            "sha256": .string(sha256), "size": .integer(size),
        ]
    }
}

extension PluginExtension {
    /// The schema of an extension without settings.
    static let emptySchema: JSONValue = [
        "type": .string("object"), "properties": [:], "additionalProperties": .bool(false),
    ]

    fileprivate func json(plugin: String) throws -> JSONValue {
        let schema =
            configurationSchema.isEmpty
            ? Self.emptySchema
            : try JSONDocument.parse(
                Array(configurationSchema.utf8), at: .init(path: plugin, key: id),
                checks: .all(.manifestSchema)
            ).value
        return [
            "kind": .string(kind.rawValue), "id": .string(id), "title": .string(title),
            "description": .string(description), "config_schema": schema,
            "concurrency": .string(concurrency.rawValue), "deterministic": .bool(isDeterministic),
            "stability": .string(stability.rawValue),
        ]
    }
}
