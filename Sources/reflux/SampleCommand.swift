import ArgumentParser
import RefluxPipeline

/// `reflux sample FILE`.
struct SampleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Let the warmed-up student answer training prompts.")

    @Argument(help: "The run file (YAML).") var file: String
    @OptionGroup var options: RunOptions

    func run() async throws { try await options.open(file).runAndPrint(.sample, options) }
}
