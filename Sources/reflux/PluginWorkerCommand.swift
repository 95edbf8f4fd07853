import ArgumentParser
import RefluxPluginHost

/// `reflux plugin-worker`: a plugin's own process. Started by Reflux, not by people.
struct PluginWorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin-worker", abstract: "Serve one plugin on file descriptor 3.",
        shouldDisplay: false)

    @Option(name: .long, help: "Describe a library instead.") var describe: String?
    @Option(name: .long, help: "Where the description goes.") var output: String?

    func run() throws {
        if let describe, let output {
            return try DescriptionProbe.answer(libraryAt: describe, to: output)
        }
        throw ExitCode(PluginWorker.run())
    }
}
