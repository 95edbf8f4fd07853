import Foundation
import RefluxCore
import RefluxFiles

/// What is known of a run beside its settings: `record.json`. It says what produced the artefacts, and
/// holds what `reflux resume` needs beside `run.yaml`.
struct RunRecord: Sendable, Codable, Equatable {
    /// The version of Reflux that ran last.
    var refluxVersion: String
    /// The compiler that built it.
    var swiftVersion: String
    /// The seed from which every random number of the run follows.
    var seed: UInt64
    /// The folder against which relative paths of the run file are resolved.
    var baseFolder: String
    /// The values that were set on the command line, as `key=value`.
    var overrides: [String]
    /// The plugins that were added on the command line, as paths or ids; absent in old records.
    var addedPlugins: [String]?
    /// SHA-256 of every input file by path.
    var inputs: [String: String]
    /// The machine, in words.
    var hardware: [String: String]
    /// The stages that are whole, in order.
    var stages: [StageRecord]
    /// The whole stages of each variant that belong to it alone.
    var variants: [String: [StageRecord]]
    /// The plugins whose parts were made; absent in old records.
    var plugins: [PluginRecord]?

    enum CodingKeys: String, CodingKey {
        case refluxVersion = "reflux"
        case swiftVersion = "swift"
        case seed
        case baseFolder = "base_folder"
        case overrides
        case addedPlugins = "added_plugins"
        case inputs, hardware, stages, variants, plugins
    }

    /// The file's name in the run folder.
    static let name = "record.json"

    /// Reads the record of a run folder; `nil` when there is none.
    static func read(in folder: String) throws -> RunRecord? {
        let path = "\(folder)/\(name)"
        guard Files.exists(path) else { return nil }
        return try JSONText.decode(RunRecord.self, from: Files.read(path), path: path)
    }

    /// Writes the record.
    func write(in folder: String) throws {
        let text = try JSONText.encode(self, pretty: true) + "\n"
        try Files.writeAtomically(Data(text.utf8), to: "\(folder)/\(Self.name)")
    }
}

/// The compiler of this build, as far as the language tells.
package var swiftVersion: String {
    #if compiler(>=6.5)
        "6.5 or later"
    #elseif compiler(>=6.4)
        "6.4"
    #else
        "6.3"
    #endif
}
