import ArgumentParser
import Foundation
import RefluxFiles
import RefluxPipeline

/// `reflux reward report --model FOLDER`.
struct RewardReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Tell how good a reward model is, on its held-out questions or on others.",
        usage: """
            reflux reward report --model FOLDER [--floor NAME=VALUE] …
            reflux reward report --model FOLDER --task ID --questions PATH --responses FILE
                [--rule ID] [--all] [--by DIVISION] … [--html FILE]
            """,
        discussion: """
            Without --responses this is the report that reward fit left. With them, the responses \
            are judged by the rule, scored and measured: those to the questions that the fit held \
            out, or all of them.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The folder of reward fit; with --all also the folder reward of a run, or a saved model.",
            valueName: "folder"))
    var model: String
    @OptionGroup var recorded: RecordedOptions
    @OptionGroup var label: RewardLabelOptions
    @Flag(name: .long, help: "Measure on all questions, not on the held-out ones alone.")
    var all = false
    @Option(name: .long, help: "Measure on at most so many questions.") var limit: Int?
    @Flag(
        name: .long,
        help: "Compare with the mean log-probability under the untrained body: one more pass.")
    var bodyBaseline = false
    @Option(name: .long, parsing: .singleValue, help: "Divide the numbers; may be repeated.")
    var by: [AuditReport.Division] = []
    @Option(
        name: .long,
        help: ArgumentHelp("Write the report with its plots for a browser.", valueName: "file"))
    var html: String?
    @OptionGroup var floors: RewardFloorOptions
    @OptionGroup var options: RunOptions

    private var measuring: [String] {
        recorded.given
            + [
                ("--rule", label.rule != nil), ("--tie", label.tie != nil), ("--all", all),
                ("--limit", limit != nil), ("--body-baseline", bodyBaseline),
                ("--by", !by.isEmpty), ("--set", !options.set.isEmpty),
            ].filter(\.1).map(\.0)
    }

    func validate() throws {
        guard recorded.responses != nil else {
            if let first = measuring.first {
                throw ValidationError(
                    "\(first) needs --responses; without them the report of reward fit is told.")
            }
            return
        }
        try recorded.validateAlone(options)
        guard limit.map({ $0 >= 1 }) ?? true else {
            throw ValidationError("--limit must be at least 1.")
        }
    }

    func run() async throws {
        let floors = try floors.parsed()
        let report = try await measured()
        if let html { try Files.writeAtomically(Data(report.html.utf8), to: html) }
        try printResult(report, text: report.text, asJSON: options.json)
        try report.check(floors)
    }

    private func measured() async throws -> RecordedRewardReport {
        guard
            let source = recorded.source(rule: label.rule, tie: label.tie, options: options)
        else { return try RecordedRewardReport(fittedIn: model) }
        let registry = try builtInRegistry()
        let scores = try RecordedRewardScores(
            source, by: SavedRewardModel(folder: model, registry: registry), registry: registry,
            models: builtInModels(), console: options.console)
        options.tell(scores.warnings)
        let (report, notes) = try await interruptible { [all, limit, bodyBaseline, by] in
            try await scores.report(
                on: all ? .all : .heldOut, limit: limit, bodyBaseline: bodyBaseline, by: by)
        }
        options.tell(notes)
        return report
    }
}
