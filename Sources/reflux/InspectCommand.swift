import ArgumentParser
import RefluxPipeline

extension Inspection.Subject: ExpressibleByArgument {}

/// `reflux inspect RUN_FOLDER SUBJECT`.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show what a run left behind, line by line.",
        discussion: """
            responses: what the teachers and then the warmed-up student answered.
            labels: the pseudo-label of every training prompt, or why it has none.
            rollouts: answers of the student during reinforcement with their rewards.
            reward: how well the reward model tells accepted responses from others.

            "correct" compares with the dataset's answer: an audit that training never sees.
            """)

    @Argument(help: "The run folder, such as runs/NAME.") var folder: String
    @Argument(help: "What to show.") var subject: Inspection.Subject
    @Option(
        name: .long, help: ArgumentHelp("Show the lines of one prompt only.", valueName: "id"))
    var prompt: String?
    @Option(name: .long, help: "Show at most so many lines.") var limit = 10
    @Flag(name: .long, help: "Print JSON with every field.") var json = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1.") }
    }

    func run() throws {
        let inspection = Inspection(
            runFolder: folder, subject: subject, prompt: prompt, limit: limit)
        let listing = try inspection.listing(asJSON: json)
        for line in listing.lines { print(line) }
        if listing.lines.count < listing.total {
            Console.standardError(
                "\(listing.lines.count) of \(listing.total) are shown: --limit shows more, "
                    + "--prompt those of one prompt.\n")
        }
    }
}
