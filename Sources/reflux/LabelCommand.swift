import ArgumentParser
import RefluxFiles
import RefluxPipeline

extension AuditReport.Division: ExpressibleByArgument {}

/// `reflux label FILE`, and `reflux label --task ID --responses FILE`.
struct LabelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "label",
        abstract: "Give prompts pseudo-labels and responses pseudo-rewards.",
        usage: """
            reflux label FILE [--set KEY=VALUE] …
            reflux label --task ID --questions PATH --responses FILE [--extractor NAME]
                [--rule ID] [--tie POLICY] [--audit] [--by DIVISION] [--floor NAME=VALUE] …
            reflux label --task ID --questions PATH --responses FILE --compare-extractors A,B
            reflux label --run FOLDER [--pool POOL] [--rule ID | --reward-model FOLDER] [--set
                KEY=VALUE] … [--audit] [--floor NAME=VALUE] …
            """,
        discussion: """
            With a run file this is the stage label of the run. Without one, any recorded responses \
            are labelled: each model counts as one teacher of its question. With --run the responses \
            of a finished run are labelled by another rule, or scored by a saved reward model, and \
            compared with what the run made of them. --audit compares labels and rewards with the \
            dataset's answers; docs/auditing.md says what each number means.
            """)

    @Argument(help: "The run file (YAML).") var file: String?
    @OptionGroup var recorded: RecordedOptions
    @OptionGroup var audited: AuditedRunOptions
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Score the responses of --run by this saved reward model instead of a rule.",
            valueName: "folder"))
    var rewardModel: String?
    @Option(
        name: .long,
        help: ArgumentHelp("The rule; teacher-majority by default.", valueName: "id"))
    var rule: String?
    @Option(
        name: .long,
        help: ArgumentHelp("What the rule does about ties: its key tie.", valueName: "policy"))
    var tie: String?
    @Flag(name: .long, help: "Compare with the dataset's answers.") var audit = false
    @Option(name: .long, parsing: .singleValue, help: "Divide the numbers; may be repeated.")
    var by: [AuditReport.Division] = []
    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "Fail where a number of the audit is smaller, such as label_accuracy=0.6; may be "
                + "repeated.", valueName: "name=value"))
    var floor: [String] = []
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Write the labelled responses, one a line of JSON.", valueName: "file"))
    var output: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Compare two readings of the task instead of labelling.", valueName: "a,b"))
    var compareExtractors: String?
    @Option(
        name: .long,
        help: "Show at most so many responses that two readings read differently.")
    var limit: Int?
    @OptionGroup var options: RunOptions

    private var further: [String] {
        [
            ("--rule", rule != nil), ("--tie", tie != nil), ("--audit", audit),
            ("--reward-model", rewardModel != nil),
            ("--by", !by.isEmpty), ("--floor", !floor.isEmpty), ("--output", output != nil),
            ("--compare-extractors", compareExtractors != nil), ("--limit", limit != nil),
        ].filter(\.1).map(\.0)
    }

    func validate() throws {
        try recorded.validate(
            file: file, run: audited, further: further,
            runOnly: options.runs == "runs" ? [] : ["--runs"])
        if rewardModel != nil, audited.run == nil {
            throw ValidationError("--reward-model needs --run.")
        }
        if rewardModel != nil, rule != nil {
            throw ValidationError("--rule and --reward-model exclude each other.")
        }
        if tie != nil, audited.run != nil {
            throw ValidationError("With --run the rule's keys are given as --set label.tie=….")
        }
        guard limit.map({ $0 >= 0 }) ?? true else {
            throw ValidationError("--limit must be at least 0.")
        }
        if compareExtractors == nil, limit != nil {
            throw ValidationError("--limit needs --compare-extractors.")
        }
        let labelling = further.filter { !["--compare-extractors", "--limit"].contains($0) }
        if compareExtractors != nil, let first = labelling.first {
            throw ValidationError("--compare-extractors labels nothing: leave \(first) out.")
        }
        if !audit, !floor.isEmpty { throw ValidationError("--floor needs --audit.") }
    }

    func run() async throws {
        if let file { return try await options.open(file).runAndPrint(.label, options) }
        if audited.run != nil { return try await runAgain() }
        guard let source = recorded.source(rule: rule, tie: tie, options: options) else { return }
        if let compareExtractors {
            try await compare(compareExtractors, of: source)
        } else {
            try await label(source)
        }
    }

    private func label(_ source: RecordedSource) async throws {
        let floors = try floor.map(AuditFloor.init(parsing:))
        let (warnings, judged) = try await interruptible { [console = options.console] in
            let auditor = try RecordedAuditor(
                source, registry: builtInRegistry(), models: builtInModels(), console: console)
            return (auditor.warnings, try await auditor.judged())
        }
        let report = AuditReport(judged, gold: audit, by: by)
        options.tell(warnings + report.pairing.notes + report.faultNotes)
        if let output { try JSONLines.write(judged.labelled(audited: audit), to: output) }
        try printResult(report, text: report.text, asJSON: options.json)
        try report.audit.check(floors)
    }

    private func runAgain() async throws {
        let floors = try floor.map(AuditFloor.init(parsing:))
        let scorer = rewardModel.map { RunAuditor.Scorer.rewardModel($0) } ?? .rule(rule)
        guard let auditor = try audited.auditor(scorer, options: options) else { return }
        if let compareExtractors {
            return try await auditor.printComparison(
                of: compareExtractors, limit: limit ?? 20, asJSON: options.json)
        }
        let (report, recording) = try await interruptible { [audit, by] in
            try await auditor.rescored(gold: audit, by: by)
        }
        options.tell(report.now.faultNotes)
        if let output { try JSONLines.write(recording.labelled(audited: audit), to: output) }
        try printResult(report, text: report.text, asJSON: options.json)
        try report.now.audit.check(floors)
    }

    private func compare(_ names: String, of source: RecordedSource) async throws {
        try await source.printComparison(of: names, limit: limit ?? 20, options: options)
    }
}

extension RecordedSource {
    /// Compares two readings of recorded responses and prints the result.
    func printComparison(of names: String, limit: Int, options: RunOptions) async throws {
        let (warnings, comparison) = try await interruptible { [console = options.console] in
            let auditor = try RecordedAuditor(
                self, registry: builtInRegistry(), models: builtInModels(), console: console)
            return (auditor.warnings, try await auditor.comparison(of: names, limit: limit))
        }
        options.tell(warnings + comparison.pairing.notes)
        try printResult(comparison, text: comparison.text, asJSON: options.json)
    }
}

extension RunAuditor {
    /// Compares two readings of a run's responses and prints the result.
    func printComparison(of names: String, limit: Int, asJSON: Bool) async throws {
        let comparison = try await interruptible {
            try await self.comparison(of: names, limit: limit)
        }
        try printResult(comparison, text: comparison.text, asJSON: asJSON)
    }
}
