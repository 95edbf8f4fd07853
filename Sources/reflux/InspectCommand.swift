import ArgumentParser
import RefluxPipeline

extension Inspection.Subject: ExpressibleByArgument {}

/// `reflux inspect RUN_FOLDER SUBJECT`.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show what a run left behind, line by line.")

    @Argument(help: "The run folder.") var folder: String
    @Argument(help: "What to show.") var subject: Inspection.Subject
    @Option(name: .long, help: "Show the lines of one prompt, by its id.") var prompt: String?
    @Option(name: .long, help: "Show at most so many lines.") var limit = 10
    @Flag(name: .long, help: "Print JSON.") var json = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1.") }
    }

    func run() throws {
        let inspection = Inspection(
            runFolder: folder, subject: subject, prompt: prompt, limit: limit)
        for line in try inspection.lines(asJSON: json) { print(line) }
    }
}
