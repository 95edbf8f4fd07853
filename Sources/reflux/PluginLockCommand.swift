import ArgumentParser
import Foundation
import RefluxPipeline
import RefluxPluginHost

/// `reflux plugin lock RUN.yaml…`.
struct PluginLockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock", abstract: "Pin the plugins of run files in reflux.lock beside them.",
        discussion: """
            From then on the run refuses a plugin that is not in the file, or whose manifest or \
            library differs. No code of a plugin runs.
            """)

    @Argument(help: "The run file (YAML); several in one folder share the lock.")
    var files: [String]
    @Flag(name: .long, help: "Print JSON.") var json = false

    func run() throws {
        let pins = try PluginPins(
            runFiles: files, baseFolder: FileManager.default.currentDirectoryPath,
            means: PluginMeans())
        try pins.write()
        try printResult(pins, text: pins.text, asJSON: json)
    }
}
