import Foundation
import RefluxCore
import RefluxFiles

/// What `extension.json` says of a saved reward model: whose it is and how it was made.
struct SavedExtension: Codable, Equatable {
    /// The name of the folder that is the plugin's own.
    static let state = "state"
    private static let file = "extension.json"

    /// The plugin's id.
    var plugin: String
    /// The plugin's version when it was saved.
    var version: String
    /// The extension's id.
    var `extension`: String
    /// The configuration, as the text of a JSON object.
    var configuration: String

    /// The record of an instance.
    init(_ origin: InstanceOrigin) {
        plugin = origin.site.plugin.id
        version = origin.site.plugin.version
        `extension` = origin.request.extensionID
        configuration = origin.request.configuration
    }

    /// Reads the record of a saved reward model.
    static func read(_ folder: String) throws -> SavedExtension {
        let path = "\(folder)/\(file)"
        return try JSONText.decode(SavedExtension.self, from: try Files.read(path), path: path)
    }

    /// Writes the record.
    func write(_ folder: String) throws {
        let text = try JSONText.encode(self, pretty: true) + "\n"
        try Files.writeAtomically(Data(text.utf8), to: "\(folder)/\(Self.file)")
    }

    /// Refuses what another plugin or another extension saved; another version is told of.
    func check(against site: CallSite, folder: String) throws {
        let wanted = "\(site.plugin.id):\(site.extensionID ?? "")"
        guard "\(plugin):\(`extension`)" == wanted else {
            throw PluginCheck.instanceCreate.error(
                found: "it was saved by \(plugin):\(`extension`)",
                at: SourceLocation(path: "\(folder)/\(Self.file)"),
                wanted: "a reward model of \(wanted)",
                remedy: "Name the extension that saved it, or fit a new one.")
        }
        guard JSONMeaning.isObject(configuration) else {
            throw PluginCheck.instanceCreate.error(
                found: "its configuration is not a JSON object",
                at: SourceLocation(path: "\(folder)/\(Self.file)", key: "configuration"),
                wanted: "the text of a JSON object", remedy: "Save the model anew.")
        }
        guard version != site.plugin.version else { return }
        site.plugin.services.log(
            site.plugin.id, .warning,
            "the reward model in \(folder) was saved by version \(version), this is "
                + "\(site.plugin.version)")
    }
}
