import ArgumentParser
import RefluxFiles
import RefluxPipeline

/// `reflux evaluate FILE`, and `reflux evaluate --task ID --responses FILE`.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Let every model answer the test problems, or grade recorded answers.",
        usage: """
            reflux evaluate FILE [--set KEY=VALUE] …
            reflux evaluate --task ID --questions PATH --responses FILE [--model NAME]
                [--against FILE | --against-model NAME] [--samples FILE]
            """,
        discussion: """
            With a run file this is the stage evaluate of the run. Without one, recorded responses \
            are graded by every metric of the task; docs/auditing.md says what each number means.
            """)

    @Argument(help: "The run file (YAML).") var file: String?
    @OptionGroup var recorded: RecordedOptions
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The model that is graded; all of the file without it.", valueName: "name"))
    var model: String?
    @Option(
        name: .long,
        help: ArgumentHelp("Compare with another file of responses.", valueName: "file"))
    var against: String?
    @Option(
        name: .long,
        help: ArgumentHelp("Compare with another model of the file.", valueName: "name"))
    var againstModel: String?
    @Option(
        name: .long,
        help: ArgumentHelp("Write each graded response, one a line of JSON.", valueName: "file"))
    var samples: String?
    @OptionGroup var options: RunOptions

    func validate() throws {
        let further = [
            ("--model", model), ("--against", against), ("--against-model", againstModel),
            ("--samples", samples),
        ].filter { $1 != nil }.map(\.0)
        try recorded.validate(
            file: file, further: further, runOnly: options.runs == "runs" ? [] : ["--runs"])
        guard against == nil || againstModel == nil else {
            throw ValidationError("--against and --against-model exclude each other.")
        }
    }

    func run() async throws {
        if let file { return try await options.open(file).evaluateAndPrint(options) }
        guard let source = recorded.source(options: options) else { return }
        let opponent = against.map(Opponent.file) ?? againstModel.map(Opponent.model)
        let model = model
        let (warnings, evaluation, samples) = try await interruptible {
            [console = options.console] in
            let auditor = try RecordedAuditor(
                source, registry: builtInRegistry(), models: builtInModels(), console: console)
            let (evaluation, samples) = try await auditor.evaluation(
                model: model, against: opponent)
            return (auditor.warnings, evaluation, samples)
        }
        options.tell(warnings + evaluation.pairing.notes)
        if let path = self.samples { try JSONLines.write(samples, to: path) }
        try printResult(evaluation, text: evaluation.text, asJSON: options.json)
    }
}
