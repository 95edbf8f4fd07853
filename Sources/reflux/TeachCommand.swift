import ArgumentParser
import RefluxPipeline

/// `reflux teach FILE`.
struct TeachCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "teach",
        abstract: "Let the teachers answer the training prompts.")

    @Argument(help: "The run file (YAML).") var file: String
    @OptionGroup var options: RunOptions

    func run() async throws { try await options.open(file).runAndPrint(.teach, options) }
}
