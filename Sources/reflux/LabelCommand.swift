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
            """,
        discussion: """
            With a run file this is the stage label of the run. Without one, any recorded responses \
            are labelled: each model counts as one teacher of its question. --audit compares labels \
            and rewards with the dataset's answers; docs/auditing.md says what each number means.
            """)

    @Argument(help: "The run file (YAML).") var file: String?
    @OptionGroup var recorded: RecordedOptions
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
            ("--by", !by.isEmpty), ("--floor", !floor.isEmpty), ("--output", output != nil),
            ("--compare-extractors", compareExtractors != nil), ("--limit", limit != nil),
        ].filter(\.1).map(\.0)
    }

    func validate() throws {
        try recorded.validate(
            file: file, further: further, runOnly: options.runs == "runs" ? [] : ["--runs"])
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
        try report.check(floors)
    }

    private func compare(_ names: String, of source: RecordedSource) async throws {
        let limit = limit ?? 20
        let (warnings, comparison) = try await interruptible { [console = options.console] in
            let auditor = try RecordedAuditor(
                source, registry: builtInRegistry(), models: builtInModels(), console: console)
            return (auditor.warnings, try await auditor.comparison(of: names, limit: limit))
        }
        options.tell(warnings + comparison.pairing.notes)
        try printResult(comparison, text: comparison.text, asJSON: options.json)
    }
}
