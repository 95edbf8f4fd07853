import ArgumentParser
import RefluxPipeline

/// `reflux evaluate FILE`.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Let every model answer the test problems.")

    @Argument(help: "The run file (YAML).") var file: String
    @OptionGroup var options: RunOptions

    func run() async throws { try await options.open(file).evaluateAndPrint(options) }
}
