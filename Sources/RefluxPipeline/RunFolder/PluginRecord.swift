import Foundation
import RefluxFiles
import RefluxPluginHost

/// A plugin of which a run used parts, as `record.json` names it.
struct PluginRecord: Sendable, Codable, Equatable {
    /// A part that was made.
    struct Extension: Sendable, Codable, Equatable {
        /// The kind, without its revision.
        var kind: String
        /// The id in the plugin.
        var id: String
        /// What the part said is in effect.
        var configuration: JSONValue
    }

    /// The plugin's id.
    var id: String
    /// Its version.
    var version: String
    /// Its folder.
    var path: String
    /// SHA-256 of `plugin.json`.
    var manifestHash: String
    /// SHA-256 of the library.
    var libraryHash: String
    /// Where its code ran.
    var isolation: PluginChoice.Isolation
    /// The parts that were made, by kind and id.
    var extensions: [Extension]

    enum CodingKeys: String, CodingKey {
        case id, version, path
        case manifestHash = "manifest_sha256"
        case libraryHash = "library_sha256"
        case isolation, extensions
    }

    /// The record of a plugin that is in use.
    init(_ plugin: UsedPlugin) {
        id = plugin.id
        version = plugin.version
        path = plugin.folder
        manifestHash = plugin.manifestSHA256
        libraryHash = plugin.librarySHA256
        isolation = plugin.isolation
        extensions = plugin.parts.map { part in
            // The host has checked that it is JSON; a text is the next best thing.
            let value = try? JSONText.decode(
                JSONValue.self, from: Data(part.configuration.utf8), path: plugin.folder)
            return Extension(
                kind: part.kind.name, id: part.id,
                configuration: value ?? .string(part.configuration))
        }
    }
}
