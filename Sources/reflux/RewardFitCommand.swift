import ArgumentParser
import Foundation
import RefluxPipeline

/// `reflux reward fit --task ID --responses FILE`.
struct RewardFitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fit",
        abstract: "Fit a reward model to recorded responses and measure it on held-out questions.",
        usage: """
            reflux reward fit --task ID --questions PATH --responses FILE [--rule ID]
                --body MODEL [--use ID] --held-out FRACTION|CATEGORIES --out FOLDER
                [--set KEY=VALUE] …
            """,
        discussion: """
            The rule gives the responses pseudo-rewards, the questions are divided by their text, \
            and the folder gets the model, what determined it and the held-out report. Called \
            again after an interruption, it goes on where it was.
            """)

    @OptionGroup var recorded: RecordedOptions
    @OptionGroup var label: RewardLabelOptions
    @Option(
        name: .long,
        help: ArgumentHelp("The reward model.", valueName: "id"))
    var use = "language-model"
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The model folder that is trained: the key reward.body.", valueName: "model"))
    var body: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "What nothing is learnt from: a fraction of the questions, or categories.",
            valueName: "fraction|a,b"))
    var heldOut = "0.2"
    @Option(name: .long, help: "The seed of the split and of the choices.")
    var splitSeed: UInt64 = 0
    @Option(name: .long, help: "Learn from at most so many questions.")
    var limitPrompts: Int?
    @Option(
        name: .long,
        help: "Learn from at most so many responses to a question, half of them accepted.")
    var responsesPerPrompt: Int?
    @Option(name: .long, help: "Measure on at most so many held-out questions.")
    var limitHeldOut: Int?
    @Option(name: .long, help: "Measure on so many questions that were learnt from as well.")
    var trainingReport = 0
    @Option(name: .long, help: "Leave out questions whose prompt has more characters.")
    var promptCharacters: Int?
    @Flag(
        name: .long,
        help: "Compare with the mean log-probability under the untrained body: one more pass.")
    var bodyBaseline = false
    @Option(name: .long, help: ArgumentHelp("Where everything goes.", valueName: "folder"))
    var out: String
    @OptionGroup var floors: RewardFloorOptions
    @OptionGroup var options: RunOptions

    func validate() throws {
        try recorded.validateAlone(options)
        for (name, value, least) in [
            ("--limit-prompts", limitPrompts, 1), ("--responses-per-prompt", responsesPerPrompt, 2),
            ("--limit-held-out", limitHeldOut, 1), ("--prompt-characters", promptCharacters, 1),
            ("--training-report", Optional(trainingReport), 0),
        ] {
            guard let value, value < least else { continue }
            throw ValidationError("\(name) must be at least \(least).")
        }
    }

    func run() async throws {
        guard
            var source = recorded.source(rule: label.rule, tie: label.tie, options: options)
        else { return }
        source.rewardModel = .fresh(use: use, body: body)
        let floors = try floors.parsed()
        let settings = RewardFitSettings(
            heldOut: try HeldOutChoice(parsing: heldOut), splitSeed: splitSeed,
            limitPrompts: limitPrompts, responsesPerPrompt: responsesPerPrompt,
            limitHeldOut: limitHeldOut, trainingReport: trainingReport,
            promptCharacters: promptCharacters, bodyBaseline: bodyBaseline)
        let fit = try RecordedRewardFit(
            source, settings: settings, folder: out, registry: builtInRegistry(),
            models: builtInModels(), console: options.console)
        options.tell(fit.warnings)
        do {
            let report = try await interruptible { try await fit.run() }
            try printResult(report, text: report.text, asJSON: options.json)
            try report.check(floors)
        } catch is CancellationError {
            throw Interrupted(resumeCommand: "the same command")
        }
    }
}
