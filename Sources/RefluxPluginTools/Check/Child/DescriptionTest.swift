import RefluxCore
import RefluxPluginHost

/// The manifest is what `reflux plugin manifest` would write of the library.
struct DescriptionTest {
    /// The test's id.
    static let id = "describe"

    let manifest: PluginManifest
    let library: PluginLibrary

    /// Compares the two.
    ///
    /// - Throws: `RefluxError` for the first difference.
    func run() throws {
        let plugin = try InProcessPlugin.describe(libraryAt: library.path)
        try compare("id", manifest.id, plugin.id)
        try compare("name", manifest.name, plugin.name)
        try compare("version", manifest.version, plugin.version)
        try compare("license", manifest.license, plugin.license)
        try compare("description", manifest.description, plugin.description)
        try compare("abi.min_minor", manifest.abiMinimumMinor, plugin.minimumHostMinor)
        try compare("runtime.language", manifest.runtime["language"] ?? "", plugin.language)
        try compare("runtime.toolchain", manifest.runtime["toolchain"] ?? "", plugin.toolchain)
        try compare("provides", manifest.provides.map(\.id), plugin.extensions.map(\.id))
        for (one, other) in zip(manifest.provides, plugin.extensions) {
            try compare("\(one.id): kind", one.kind, other.kind)
            try compare("\(one.id): title", one.title, other.title)
            try compare("\(one.id): description", one.description, other.description)
            try compare("\(one.id): concurrency", one.concurrency, other.concurrency)
            try compare("\(one.id): deterministic", one.isDeterministic, other.isDeterministic)
            try compare("\(one.id): stability", one.stability, other.stability)
            try compare("\(one.id): config_schema", try schema(one), try schema(other))
        }
    }

    private func schema(_ subject: PluginExtension) throws -> SettingsSchema {
        try SettingsSchema(
            subject.configurationSchema, for: subject.kind,
            at: SourceLocation(path: manifest.path, key: "\(subject.id): config_schema"))
    }

    private func compare<Value: Equatable>(_ key: String, _ found: Value, _ wanted: Value) throws {
        guard found != wanted else { return }
        throw RefluxError(
            .input, found: "the manifest says \(found)",
            at: SourceLocation(path: manifest.path, key: key),
            wanted: "\(wanted), as the library says",
            remedy: "Write the manifest with reflux plugin manifest LIBRARY --output plugin.json.",
            check: Self.id)
    }
}
