import ArgumentParser
import RefluxPipeline

/// `reflux reward FILE`.
struct RewardStageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stage",
        abstract: "Carry out the stage reward of a run.")

    @Argument(help: "The run file (YAML).") var file: String
    @OptionGroup var options: RunOptions

    func run() async throws { try await options.open(file).runAndPrint(.reward, options) }
}
