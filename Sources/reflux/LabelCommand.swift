import ArgumentParser
import RefluxPipeline

/// `reflux label FILE`.
struct LabelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "label",
        abstract: "Give prompts pseudo-labels and responses pseudo-rewards.")

    @Argument(help: "The run file (YAML).") var file: String
    @OptionGroup var options: RunOptions

    func run() async throws { try await options.open(file).runAndPrint(.label, options) }
}
