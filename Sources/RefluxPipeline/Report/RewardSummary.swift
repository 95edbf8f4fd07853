import Foundation
import RefluxCore
import RefluxFiles
import RefluxRewards

/// What a person needs of `reward/report.json`: how well the reward model ranks, on prompts that it
/// did not learn from and on some that it did.
struct RewardSummary {
    private let evaluation: RewardEvaluation

    /// Reads the report of a run.
    ///
    /// - Parameter path: `report.json` of the stage.
    /// - Throws: ``RefluxError`` of kind `input` when it cannot be read.
    init(path: String) throws {
        evaluation = try JSONText.decode(
            RewardEvaluation.self, from: Files.read(path), path: path)
    }

    /// The summary of an evaluation.
    init(_ evaluation: RewardEvaluation) { self.evaluation = evaluation }

    /// The summary for `report.md`.
    var markdown: String { text(table: \.markdown) }

    /// The summary for a terminal.
    var plain: String { text(table: \.plain) }

    private func text(table: (TextTable) -> String) -> String {
        var blocks = [
            "Within-prompt AUC: of two responses to one prompt, one accepted and one not, how often "
                + "the accepted one scores higher; 0.5 is chance. Held-out prompts are those that "
                + "the reward model did not learn from.",
            "Against the pseudo-rewards:", table(ranking(\.pseudo)),
            baselines(\.baselines),
        ]
        if evaluation.heldOut.gold != nil {
            blocks += [
                "Against the dataset's answers (an audit; training never sees them):",
                table(ranking(\.gold)), baselines { $0.goldBaselines ?? [:] },
            ]
        }
        let quarters = evaluation.heldOut.pseudo.all.byLength
        if !quarters.isEmpty {
            blocks += [
                "By length of the response, held-out prompts; the gap is the mean score of the "
                    + "accepted responses less that of the others:",
                table(byLength(quarters)),
            ]
        }
        blocks.append("Every number is in reward/report.json.")
        return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private func ranking(
        _ kind: (RewardEvaluation.Section) -> RewardReport?
    ) -> TextTable {
        let sections =
            [("held-out", evaluation.heldOut)]
            + [("training", evaluation.training)].compactMap { name, section in
                section.map { (name, $0) }
            }
        let lines = sections.flatMap { name, section in
            guard let report = kind(section) else { return [[String]]() }
            return [("all", report.all), ("teacher", report.teacher), ("student", report.student)]
                .map { [name, $0] + Self.cells($1) }
        }
        return TextTable(
            header: [
                "prompts", "responses", "within-prompt AUC", "pairs", "AUC", "accuracy", "Brier",
                "calibration error", "n",
            ], lines: lines)
    }

    private static func cells(_ part: RewardReport.Part) -> [String] {
        [
            decimals(part.withinPromptAUC), "\(part.pairs)", decimals(part.auc),
            decimals(part.accuracy), decimals(part.brier), decimals(part.calibrationError),
            "\(part.count)",
        ]
    }

    /// The ranking by scores that need no training, in one line.
    private func baselines(
        _ kind: (RewardEvaluation.Section) -> [String: RewardEvaluation.RankingQuality]
    ) -> String {
        let values = kind(evaluation.heldOut).sorted { $0.key < $1.key }.map { name, quality in
            "\(name) \(decimals(quality.withinPromptAUC))"
        }
        guard !values.isEmpty else { return "" }
        return "Held-out within-prompt AUC of scores that need no reward model: "
            + values.joined(separator: ", ") + "."
    }

    private func byLength(_ quarters: [RewardReport.LengthQuarter]) -> TextTable {
        TextTable(
            header: ["length", "mean score", "mean reward", "gap", "n"],
            lines: quarters.map { quarter in
                [
                    "\(quarter.shortest) to \(quarter.longest)", decimals(quarter.meanScore),
                    decimals(quarter.meanReward), decimals(quarter.gap), "\(quarter.count)",
                ]
            })
    }
}

/// A number with three digits after the point; a dash for none.
private func decimals(_ value: Double?) -> String {
    value.map { String(format: "%.3f", $0) } ?? "-"
}
