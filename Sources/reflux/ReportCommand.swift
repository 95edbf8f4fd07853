import ArgumentParser
import RefluxPipeline

/// `reflux report RUN_FOLDER…`.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Print the table of a finished run, or the average over several.")

    @Argument(help: "The run folders.") var folders: [String]
    @Flag(name: .long, help: "Print JSON.") var json = false

    func run() throws {
        if folders.count == 1 {
            let result = try EvaluationResult(runFolder: folders[0])
            try printResult(result, text: result.text, asJSON: json)
        } else {
            let average = try RunAverage(runFolders: folders)
            try printResult(average, text: average.text, asJSON: json)
        }
    }
}
