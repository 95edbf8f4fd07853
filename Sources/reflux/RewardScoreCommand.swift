import ArgumentParser
import Foundation
import RefluxFiles
import RefluxPipeline

/// `reflux reward score --model FOLDER --responses FILE`.
struct RewardScoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Add a reward model's score to each line of recorded responses.",
        discussion: """
            The lines stay as they are and get one more field. Lines that belong to no question of \
            the task are left out and counted.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The folder of reward fit, the folder reward of a run, or a saved model.",
            valueName: "folder"))
    var model: String
    @OptionGroup var recorded: RecordedOptions
    @Option(name: .long, help: "The name of the new field.") var field = "score"
    @Option(
        name: .long,
        help: ArgumentHelp("Where the lines go, in place of standard output.", valueName: "file"))
    var output: String?
    @OptionGroup var options: RunOptions

    func validate() throws {
        try recorded.validateAlone(options)
        guard !options.json else {
            throw ValidationError("--json: the result is lines of JSON in any case.")
        }
    }

    func run() async throws {
        guard let source = recorded.source(options: options) else { return }
        let registry = try builtInRegistry()
        let scores = try RecordedRewardScores(
            source, by: SavedRewardModel(folder: model, registry: registry), registry: registry,
            models: builtInModels(), console: options.console)
        options.tell(scores.warnings)
        let (lines, notes) = try await interruptible { [field] in
            try await scores.scoredLines(field: field)
        }
        options.tell(notes)
        guard let output else { return print(lines.joined(separator: "\n")) }
        try Files.writeAtomically(
            Data(lines.map { "\($0)\n" }.joined().utf8), to: output)
    }
}
