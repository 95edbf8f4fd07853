import ArgumentParser
import RefluxPipeline

/// `reflux reinforce FILE`.
struct ReinforceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reinforce",
        abstract: "Reinforce the student against the reward.")

    @Argument(help: "The run file (YAML).") var file: String
    @OptionGroup var options: RunOptions

    func run() async throws { try await options.open(file).runAndPrint(.reinforce, options) }
}
