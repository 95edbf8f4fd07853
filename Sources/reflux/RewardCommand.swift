import ArgumentParser
import RefluxPipeline

/// `reflux reward FILE`.
struct RewardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reward",
        abstract: "Train the reward model on the labelled responses.")

    @Argument(help: "The run file (YAML).") var file: String
    @OptionGroup var options: RunOptions

    func run() async throws { try await options.open(file).runAndPrint(.reward, options) }
}
