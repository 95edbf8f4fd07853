import ArgumentParser
import RefluxFiles
import RefluxPipeline

/// `reflux evaluate FILE`, `reflux evaluate --task ID --model PATH`, and `reflux evaluate --task ID
/// --responses FILE`.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Let models answer the test problems, or grade recorded answers.",
        usage: """
            reflux evaluate FILE [--set KEY=VALUE] …
            reflux evaluate --task ID --questions PATH --model PATH [--limit N] [--samples K]
                [--temperature T] … [--against FILE] [--output FILE]
            reflux evaluate --task ID --questions PATH --responses FILE [--model NAME]
                [--against FILE | --against-model NAME] [--output FILE]
            """,
        discussion: """
            With a run file this is the stage evaluate of the run. Without one, a model folder or \
            GGUF file answers the questions of a task, or recorded responses are taken; both are \
            graded by every metric of the task. docs/auditing.md says what each number means.
            """)

    @Argument(help: "The run file (YAML).") var file: String?
    @OptionGroup var recorded: RecordedOptions
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The model that answers; with --responses the name of the one that is graded, else all.",
            valueName: "path-or-name"))
    var model: String?
    @Option(
        name: .long,
        help: ArgumentHelp("Ask only the first so many questions.", valueName: "n"))
    var limit: Int?
    @Option(
        name: .long,
        help: ArgumentHelp("Answers to each question; 1 by default.", valueName: "k"))
    var samples: String?
    @OptionGroup var sampling: SamplingOptions
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
        help: ArgumentHelp(
            "Write each graded response, one a line of JSON; with --model PATH an interrupted "
                + "call goes on from there.", valueName: "file"))
    var output: String?
    @OptionGroup var options: RunOptions

    /// Whether a model is to answer.
    private var asksModel: Bool {
        file == nil && recorded.responses == nil && recorded.task != nil && model != nil
    }

    /// The options of drawing that were given, by their names.
    private var drawing: [String] {
        [("--limit", limit != nil), ("--samples", samples != nil)].filter(\.1).map(\.0)
            + sampling.given
    }

    func validate() throws {
        if let samples, Int(samples).map({ $0 < 1 }) ?? true {
            throw ValidationError(
                "--samples \(samples) is no number from 1; --output writes the responses.")
        }
        guard limit ?? 1 >= 1 else { throw ValidationError("--limit must be at least 1.") }
        guard against == nil || againstModel == nil else {
            throw ValidationError("--against and --against-model exclude each other.")
        }
        let runOnly = options.runs == "runs" ? [] : ["--runs"]
        if asksModel {
            let foreign =
                recorded.ofResponses + runOnly + (againstModel == nil ? [] : ["--against-model"])
            guard let first = foreign.first else { return }
            throw ValidationError("\(first) does not go with a model that answers.")
        }
        let further = [
            ("--model", model), ("--against", against), ("--against-model", againstModel),
            ("--output", output),
        ].filter { $1 != nil }.map(\.0)
        try recorded.validate(file: file, further: further + drawing, runOnly: runOnly)
        if let first = drawing.first {
            throw ValidationError("\(first) belongs to a model that answers, not to --responses.")
        }
    }

    func run() async throws {
        if let file { return try await options.open(file).evaluateAndPrint(options) }
        if asksModel { return try await evaluateModel() }
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
        if let output { try JSONLines.write(samples, to: output) }
        try printResult(evaluation, text: evaluation.text, asJSON: options.json)
    }

    private func evaluateModel() async throws {
        let asked = ModelEvaluation(
            model: model ?? "", task: recorded.task ?? "", questions: recorded.questions,
            extractor: recorded.extractor, limit: limit, samples: samples.flatMap(Int.init) ?? 1,
            sampling: sampling.settings(), precision: sampling.precision, output: output,
            overrides: options.set, plugins: options.plugin)
        let evaluator = try ModelEvaluator(
            asked, registry: builtInRegistry(), models: builtInModels(), console: options.console)
        options.tell(evaluator.warnings)
        do {
            let evaluation = try await interruptible { [against] in
                try await evaluator.evaluation(against: against).evaluation
            }
            try printResult(evaluation, text: evaluation.text, asJSON: options.json)
        } catch let error as CancellationError {
            guard output != nil else { throw error }
            throw Interrupted(resumeCommand: "the same command")
        }
    }
}
