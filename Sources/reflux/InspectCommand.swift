import ArgumentParser
import RefluxPipeline

extension Inspection.Subject: ExpressibleByArgument {}

/// `reflux inspect RUN_FOLDER SUBJECT`, and `reflux inspect --compare-extractors A,B …`.
struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show what a run left behind, line by line.",
        usage: """
            reflux inspect FOLDER SUBJECT [--prompt ID] [--limit N] [--json]
            reflux inspect FOLDER --compare-extractors A,B [--pool POOL] [--limit N] [--json]
            reflux inspect --task ID --questions PATH --responses FILE --compare-extractors A,B
            """,
        discussion: """
            responses: what the teachers and then the warmed-up student answered.
            labels: the pseudo-label of every training prompt, or why it has none.
            rollouts: answers of the student during reinforcement with their rewards.
            reward: how well the reward model tells accepted responses from others.

            --compare-extractors shows where two readings of the task differ, and why, on the \
            responses of a run or on recorded ones.

            "correct" compares with the dataset's answer: an audit that training never sees.
            """)

    @Argument(help: "The run folder, such as runs/NAME.") var folder: String?
    @Argument(help: "What to show.") var subject: Inspection.Subject?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Compare two readings of the task, such as official,robust.", valueName: "a,b"))
    var compareExtractors: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Which of the run's responses are compared: teacher, student or rollouts; teacher by "
                + "default.", valueName: "pool"))
    var pool: RunPool?
    @OptionGroup var recorded: RecordedOptions
    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "Replaces a value of the task for the comparison, such as task.last_number=false; may "
                + "be repeated.", valueName: "key=value"))
    var set: [String] = []
    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "Enables a plugin for the comparison; may be repeated.", valueName: "path-or-id"))
    var plugin: [String] = []
    @Option(
        name: .long, help: ArgumentHelp("Show the lines of one prompt only.", valueName: "id"))
    var prompt: String?
    @Option(name: .long, help: "Show at most so many lines.") var limit = 10
    @Flag(name: .long, help: "Print JSON with every field.") var json = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1.") }
        if compareExtractors != nil {
            guard subject == nil, prompt == nil else {
                throw ValidationError("--compare-extractors needs neither SUBJECT nor --prompt.")
            }
            guard folder != nil else {
                return try recorded.validate(
                    file: nil, further: ["--compare-extractors"],
                    runOnly: pool == nil ? [] : ["--pool"])
            }
            guard let first = recorded.given.first else { return }
            throw ValidationError("A run folder and \(first) exclude each other.")
        }
        guard folder != nil, subject != nil else {
            let subjects = Inspection.Subject.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError(
                "Give a run folder and what to show (\(subjects)), or --compare-extractors.")
        }
        let unused =
            recorded.given + (pool == nil ? [] : ["--pool"]) + (set.isEmpty ? [] : ["--set"])
            + (plugin.isEmpty ? [] : ["--plugin"])
        if let first = unused.first {
            throw ValidationError("\(first) needs --compare-extractors.")
        }
    }

    func run() async throws {
        if let compareExtractors { return try await compare(compareExtractors) }
        guard let folder, let subject else { return }
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

    private func compare(_ names: String) async throws {
        var options = RunOptions()
        options.set = set
        options.plugin = plugin
        options.runs = "runs"
        options.quiet = false
        options.json = json
        if let folder {
            let auditor = try RunAuditor(
                folder, pool: pool ?? .teacher, overrides: set, plugins: plugin,
                registry: builtInRegistry(), models: builtInModels(), console: options.console)
            try await auditor.printComparison(of: names, limit: limit, asJSON: json)
        } else if let source = recorded.source(options: options) {
            try await source.printComparison(of: names, limit: limit, options: options)
        }
    }
}
