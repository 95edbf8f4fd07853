import Foundation
import RefluxCore
import RefluxFiles
import RefluxPluginHost

/// The report of a finished run, `report.md`: everything a reader needs to judge the table.
enum Report {
    /// The rows of the evaluation of a run.
    static func rows(of session: RunSession) throws -> [ResultRow] {
        let path = "\(session.run.folder(of: .evaluate))/result.json"
        return try JSONText.decode(EvaluationResult.self, from: Files.read(path), path: path).rows
    }

    /// The rows of the evaluation of a variant, named for it; none when the variant changes nothing.
    static func variantRows(of session: RunSession) throws -> [ResultRow] {
        guard !session.run.borrowed.contains(.evaluate), let name = session.variant else {
            return []
        }
        return try rows(of: session).map { row in
            var row = row
            row.model += ":\(name)"
            return row
        }
    }

    /// The whole report in Markdown.
    static func markdown(
        of runner: StageRunner, variants: [StageRunner], rows: [ResultRow]
    ) throws -> String {
        let session = runner.session
        var sections = [
            "# \(session.configuration.name)",
            FinalTable.table(of: rows).markdown,
            "Accuracy ± standard error on n test problems; unparsed is the fraction of responses "
                + "without a readable answer.",
            try statements(of: session),
        ]
        for (runner, title) in [(runner, nil)] + variants.map({ ($0, $0.session.variant) }) {
            sections += try details(of: runner, variant: title)
        }
        let plugins = session.configuration.plugins.used
        if !plugins.isEmpty { sections += ["## Plugins", pluginTable(plugins)] }
        sections += [
            "## Settings", "```yaml\n\(YAMLWriter.text(of: session.configuration.resolved))```",
        ]
        return sections.joined(separator: "\n\n") + "\n"
    }

    /// What a reader must know about the use of dataset answers.
    private static func statements(of session: RunSession) throws -> String {
        let rule = try session.context(for: .label).makeRule()
        var lines = [
            rule.needsGold
                ? "**The rule \(rule.name) reads the dataset's answers**: an upper bound, not a result "
                    + "of the method."
                : "The dataset's answers are used by the evaluation and by audits only; labels and "
                    + "rewards come from the responses.",
            "Seed \(session.configuration.seed); task \(session.configuration.taskName).",
        ]
        if session.configuration.prepare != nil {
            lines.append(
                "Stage 0 (`prepare`) trained the teacher from nothing on the worked solutions of "
                    + "training problems that are none of the run's prompts; the method itself "
                    + "sees none of them.")
        }
        return lines.map { "- \($0)" }.joined(separator: "\n")
    }

    private static func details(of runner: StageRunner, variant: String?) throws -> [String] {
        let suffix = variant.map { " (variant \($0))" } ?? ""
        let run = runner.session.run
        var sections: [String] = []
        func add(_ title: String, of stage: StageID, _ text: (String) throws -> String?) throws {
            guard variant == nil || !run.borrowed.contains(stage) else { return }
            guard let text = try text(run.folder(of: stage)) else { return }
            sections += ["## \(title)\(suffix)", text]
        }
        try add("Labels", of: .label, MetricsTable.markdown(of:))
        try add("Reward model", of: .reward, rewardModel(in:))
        try add("Reinforcement", of: .reinforce, ReinforcementCurve.markdown(of:))
        let records = try runner.wholeRecords()
        if !records.isEmpty { sections += ["## Stages\(suffix)", stageTable(records)] }
        return sections
    }

    private static func rewardModel(in folder: String) throws -> String? {
        let path = "\(folder)/report.json"
        return Files.exists(path) ? try RewardSummary(path: path).markdown : nil
    }

    private static func pluginTable(_ plugins: [UsedPlugin]) -> String {
        TextTable(
            header: ["plugin", "version", "parts", "process", "library (SHA-256)"],
            lines: plugins.map { plugin in
                let parts = Set(plugin.parts.map { "\($0.id) (\($0.kind.name))" }).sorted()
                return [
                    plugin.id, plugin.version, parts.joined(separator: ", "),
                    plugin.isolation == .process ? "its own" : "the run's",
                    String(plugin.librarySHA256.prefix(16)),
                ]
            }
        ).markdown
    }

    private static func stageTable(_ records: [StageRecord]) -> String {
        TextTable(
            header: ["stage", "time", "peak memory", "artefacts", "attempts"],
            lines: records.map { record in
                [
                    record.stage.rawValue, duration(record.seconds),
                    record.peakMemory.map(megabytes) ?? "-",
                    megabytes(record.outputs.values.reduce(0, +)), "\(record.attempts)",
                ]
            }
        ).markdown
    }
}

extension RunConfiguration {
    /// The id of the task.
    var taskName: String {
        if case .string(let name) = source["task"]?["use"]?.value { name } else { "" }
    }
}
