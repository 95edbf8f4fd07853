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
    var markdown: String { text(\.markdown) }

    /// The summary for a terminal.
    var plain: String { text(\.plain) }

    private func text(_ table: (TextTable) -> String) -> String {
        let end =
            "Every number is in reward/report.json; reward/report.html plots calibration and scores "
            + "by length."
        return (blocks.map { "\($0.words)\n\n\(table($0.table))" } + [end])
            .joined(separator: "\n\n")
    }

    /// The tables with the words before each.
    var blocks: [(words: String, table: TextTable)] {
        var blocks: [(words: String, table: TextTable)] = [
            (
                "Within-prompt AUC: of two responses to one prompt, one accepted and one not, how "
                    + "often the accepted one scores higher; 0.5 is chance. Held-out prompts are "
                    + "those that the reward model did not learn from. Against the pseudo-rewards:",
                ranking(\.pseudo)
            )
        ]
        if evaluation.heldOut.gold != nil {
            blocks.append(
                (
                    "Against the dataset's answers (an audit; training never sees them):",
                    ranking(\.gold)
                ))
        }
        blocks.append(
            ("Held-out prompts, beside scores that need no reward model:", baselines))
        if !reliability.lines.isEmpty {
            blocks.append(
                (
                    "Held-out responses by their probability of acceptance, sigmoid(score):",
                    reliability
                ))
        }
        let quarters = evaluation.heldOut.pseudo.all.byLength
        if !quarters.isEmpty {
            blocks.append(
                (
                    "By length of the response, held-out prompts; the gap is the mean score of the "
                        + "accepted responses less that of the others:", byLength(quarters)
                ))
        }
        return blocks
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
            let parts = [("teacher", report.teacher), ("student", report.student)]
            let both = parts.allSatisfy { $1.count > 0 }
            return ([("all", report.all)] + (both ? parts : []))
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

    /// The ranking by the reward model and by scores that need none, a line each.
    private var baselines: TextTable {
        let section = evaluation.heldOut
        let hasGold = section.gold != nil
        func line(
            _ name: String, _ pseudo: RewardEvaluation.RankingQuality?,
            _ gold: RewardEvaluation.RankingQuality?
        ) -> [String] {
            let cells = [name, decimals(pseudo?.withinPromptAUC), decimals(pseudo?.auc)]
            return hasGold
                ? cells + [decimals(gold?.withinPromptAUC), decimals(gold?.auc)] : cells
        }
        let names = Set(section.baselines.keys).union((section.goldBaselines ?? [:]).keys)
        let header = ["score", "within-prompt AUC", "AUC"]
        return TextTable(
            header: header + (hasGold ? ["within-prompt AUC, gold", "AUC, gold"] : []),
            lines: [line("the reward model", section.pseudo.ranking, section.gold?.ranking)]
                + names.sorted().map {
                    line($0, section.baselines[$0], section.goldBaselines?[$0])
                })
    }

    private var reliability: TextTable {
        let pseudo = evaluation.heldOut.pseudo.reliability ?? []
        let gold = evaluation.heldOut.gold?.reliability ?? []
        let starts = Set((pseudo + gold).map(\.from)).sorted()
        let hasGold = !gold.isEmpty
        return TextTable(
            header: ["probability", "n", "mean", "mean reward"]
                + (hasGold ? ["n, gold", "right"] : []),
            lines: starts.map { start in
                let own = pseudo.first { $0.from == start }
                let right = gold.first { $0.from == start }
                let cells = [
                    String(format: "%.1f to %.1f", start, start + 0.1), "\(own?.count ?? 0)",
                    decimals(own?.meanProbability), decimals(own?.meanReward),
                ]
                return cells
                    + (hasGold ? ["\(right?.count ?? 0)", decimals(right?.meanReward)] : [])
            })
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

extension RewardReport {
    /// How well the scores rank all responses.
    fileprivate var ranking: RewardEvaluation.RankingQuality {
        RewardEvaluation.RankingQuality(withinPromptAUC: all.withinPromptAUC, auc: all.auc)
    }
}

/// A number with three digits after the point; a dash for none.
func decimals(_ value: Double?) -> String {
    value.map { String(format: "%.3f", $0) } ?? "-"
}
