import RefluxCore

/// Checks the extensions that a manifest lists.
struct ExtensionsReader {
    /// The manifest.
    let top: JSONFieldReader
    /// Its path.
    let file: String

    /// The extensions, in the order of the manifest.
    func read(_ unknown: inout [RefluxError]) throws -> [PluginExtension] {
        var extensions: [PluginExtension] = []
        let known = [
            "kind", "id", "title", "description", "config_schema", "concurrency", "deterministic",
            "stability",
        ]
        for reader in try top.objects("provides", known: known) {
            unknown += reader.unknown()
            let kind = try kind(reader)
            let id = try id(reader)
            guard !extensions.contains(where: { $0.kind == kind && $0.id == id }) else {
                throw reader.wrong(
                    "id", wanted: "every id once for each kind", check: .manifestExtension,
                    found: "a second \(kind.name) \"\(id)\"", remedy: "Rename one of the two.")
            }
            let schema = try reader.required("config_schema", "a schema of the settings")
            _ = try SettingsSchema(
                schema, for: kind, file: file, key: reader.dotted("config_schema"))
            extensions.append(
                PluginExtension(
                    kind: kind, id: id, title: try reader.text("title"),
                    description: try reader.text("description", lines: true),
                    configurationSchema: schema.value.compactText,
                    concurrency: try reader.choice("concurrency"),
                    isDeterministic: try reader.bool("deterministic"),
                    stability: try reader.choice("stability")))
        }
        return extensions
    }

    private func kind(_ reader: JSONFieldReader) throws -> PluginKind {
        guard case .string(let text) = try reader.required("kind", "a text").value else {
            throw reader.wrong("kind", wanted: "a text")
        }
        if let kind = PluginKind(rawValue: text) { return kind }
        let stem = text.split(separator: "/").first.map(String.init) ?? ""
        let isNewer = PluginKind.allCases.contains { $0.name == stem && text != stem }
        throw reader.wrong(
            "kind", wanted: "a kind that this reflux knows", check: .manifestKind,
            remedy: isNewer
                ? "Install a newer reflux, or an older version of the plugin."
                : suggestion(for: text, known: PluginKind.allCases.map(\.rawValue)))
    }

    private func id(_ reader: JSONFieldReader) throws -> String {
        guard case .string(let id) = try reader.required("id", "a text").value else {
            throw reader.wrong("id", wanted: "a text")
        }
        guard PluginName.isExtensionID(id) else {
            throw reader.wrong(
                "id", wanted: "lower-case words and digits joined by hyphens, at most 64 bytes",
                check: .manifestExtension, remedy: "Rename the extension.")
        }
        return id
    }
}
