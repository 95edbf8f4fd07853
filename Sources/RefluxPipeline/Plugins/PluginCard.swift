import Foundation
import RefluxCore
import RefluxFiles
package import RefluxPluginHost

/// What `reflux plugin show` shows: a plugin's manifest, its extensions with their settings, and the
/// library that would be loaded, checked. No code of the plugin runs.
package struct PluginCard: Sendable, Encodable {
    /// The library of this platform.
    struct Library: Sendable, Encodable {
        let path: String
        let sha256: String
    }

    /// An extension with its settings.
    struct Extension: Sendable, Encodable {
        let kind: String
        let id: String
        let title: String
        let description: String
        let concurrency: String
        let deterministic: Bool
        let stability: String
        let settings: [Setting]
    }

    /// One setting.
    struct Setting: Sendable, Encodable {
        let name: String
        let value: String
        let required: Bool
        var standard: JSONValue?
        let description: String

        enum CodingKeys: String, CodingKey {
            case name, value, required
            case standard = "default"
            case description
        }
    }

    let id: String
    let name: String
    let version: String
    let license: String
    let description: String
    let folder: String
    let manifestHash: String
    let library: Library
    let runtime: [String: String]
    let requires: [String]
    let extensions: [Extension]
    let warnings: [String]

    enum CodingKeys: String, CodingKey {
        case id, name, version, license, description, folder
        case manifestHash = "manifest_sha256"
        case library, runtime, requires, extensions, warnings
    }

    /// Reads and checks a plugin.
    ///
    /// - Parameters:
    ///   - plugin: the id of one on the search path, or a path.
    ///   - means: where plugins are looked for.
    /// - Throws: ``RefluxError``: `plugin.found`, or what is wrong with the manifest or the library.
    package init(_ plugin: String, means: PluginMeans) throws {
        let base = FileManager.default.currentDirectoryPath
        let manifest = try PluginManifest.read(
            folder: means.search.folder(for: plugin, baseFolder: base))
        let library = try PluginLibrary.verify(manifest)
        id = manifest.id
        name = manifest.name
        version = manifest.version
        license = manifest.license
        description = manifest.description
        folder = manifest.folder
        manifestHash = manifest.sha256
        self.library = Library(path: library.path, sha256: library.sha256)
        runtime = manifest.runtime
        requires = manifest.requiredServices + manifest.requiredProcessorFeatures
        extensions = try manifest.provides.map { try Extension($0, of: manifest) }
        warnings = manifest.warnings
    }

    /// The card for people.
    package var text: String {
        let built = ["language", "toolchain", "stdlib"].compactMap { runtime[$0] }
        let facts = [
            ["folder", folder], ["license", license],
            ["built with", built.joined(separator: ", ")],
            ["library", library.path], ["SHA-256", library.sha256],
            ["manifest", manifestHash],
        ]
        let required = requires.isEmpty ? [] : [["requires", requires.joined(separator: ", ")]]
        let sections =
            ["\(name), \(id) \(version)\n\(description)"]
            + [TextTable(header: ["plugin", id], lines: facts + required).plain]
            + extensions.map(\.text) + warnings.map { "warning: \($0)" }
        return sections.joined(separator: "\n\n")
    }
}

extension PluginCard.Extension {
    fileprivate init(_ provided: PluginExtension, of manifest: PluginManifest) throws {
        let schema = try SettingsSchema(
            provided.configurationSchema, for: provided.kind,
            at: SourceLocation(path: manifest.path, key: provided.id))
        kind = provided.kind.name
        id = provided.id
        title = provided.title
        description = provided.description
        concurrency = provided.concurrency.rawValue
        deterministic = provided.isDeterministic
        stability = provided.stability.rawValue
        settings = try schema.properties.map { property in
            PluginCard.Setting(
                name: property.name, value: property.wanted, required: property.isRequired,
                standard: try property.defaultText.map {
                    try JSONText.decode(
                        JSONValue.self, from: Data($0.utf8), path: manifest.path)
                }, description: property.description)
        }
    }

    fileprivate var text: String {
        let traits: [String?] = [
            concurrency == "parallel" ? "may be called from several threads" : nil,
            deterministic ? "deterministic" : "not deterministic", stability,
        ]
        let known = traits.compactMap(\.self).joined(separator: ", ")
        let head = "\(kind) \(id): \(title) (\(known))\n\(description)"
        guard !settings.isEmpty else { return "\(head)\nNo settings." }
        let lines = settings.map { setting in
            let standard = setting.standard.flatMap { try? JSONText.encode($0, pretty: false) }
            return [setting.name, setting.value, standard ?? "required", setting.description]
        }
        let table = TextTable(header: ["setting", "value", "default", "meaning"], lines: lines)
        return "\(head)\n\(table.plain)"
    }
}
