import ArgumentParser
import RefluxPipeline

/// `reflux report RUN_FOLDER…`.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Print the table of a finished run, or the average over several.",
        discussion: """
            Each number is the fraction of test problems with a right answer, ± its standard \
            error; the columns are the ways of reading an answer. More is in report.md of the \
            run folder.
            """)

    @Argument(help: "The run folders, such as runs/NAME; several are averaged.")
    var folders: [String]
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
