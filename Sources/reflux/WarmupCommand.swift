import ArgumentParser
import RefluxPipeline

/// `reflux warmup FILE`.
struct WarmupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "warmup",
        abstract: "Fine-tune the student on the teachers' responses.")

    @Argument(help: "The run file (YAML).") var file: String
    @OptionGroup var options: RunOptions

    func run() async throws { try await options.open(file).runAndPrint(.warmup, options) }
}
