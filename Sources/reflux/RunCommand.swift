import ArgumentParser
import RefluxPipeline

/// `reflux run FILE`.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Carry out a run file and print the final table.",
        discussion: """
            Stages that are whole and whose inputs are unchanged are skipped, so the same command \
            goes on with an interrupted run.
            """)

    @Argument(help: "The run file (YAML).") var file: String
    @OptionGroup var options: RunOptions

    func run() async throws { try await options.open(file).runAndPrint(options) }
}
