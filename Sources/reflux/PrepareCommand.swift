import ArgumentParser
import RefluxPipeline

/// `reflux prepare FILE`.
struct PrepareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare",
        abstract: "Train a teacher from nothing and make a fresh student.")

    @Argument(help: "The run file (YAML).") var file: String
    @OptionGroup var options: RunOptions

    func run() async throws { try await options.open(file).runAndPrint(.prepare, options) }
}
