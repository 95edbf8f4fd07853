import Foundation
import RefluxRewards

extension RecordedRewardReport {
    /// The report for a terminal.
    package var text: String {
        blocks.map { [$0.words, $0.table.plain].filter { !$0.isEmpty }.joined(separator: "\n\n") }
            .joined(separator: "\n\n")
    }

    /// The report for a browser, with its plots.
    package var html: String {
        RewardPage(
            title: "Reward model on \(task)", blocks: blocks, evaluation: evaluation
        ).html
    }

    private var blocks: [(words: String, table: TextTable)] {
        var blocks = [(words: "", table: facts)] + RewardSummary(evaluation).blocks
        for (division, parts) in parts.sorted(by: { $0.key < $1.key }) {
            blocks.append(
                ("Held-out responses by \(division):", Self.table(of: parts, by: division)))
        }
        return blocks
    }

    private var facts: TextTable {
        var lines = [["task", task], ["rewards", "by \(rule)"]]
        if let counts {
            lines.append([
                "learnt from",
                "\(counts.training) questions, \(counts.contrasts) with both kinds; "
                    + "\(counts.accepted) accepted and \(counts.rejected) rejected responses",
            ])
            lines.append([
                "held out", "\(counts.heldOut) questions, \(counts.heldOutResponses) responses",
            ])
            let leftOut = [
                (counts.tooLong, "with a long prompt"),
                (counts.neither, "whose text is held out under another category"),
            ].filter { $0.0 > 0 }.map { "\($0) questions \($1)" }
            if !leftOut.isEmpty { lines.append(["left out", leftOut.joined(separator: ", ")]) }
        }
        return TextTable(header: lines[0], lines: Array(lines.dropFirst()))
    }

    private static func table(of parts: [Part], by division: String) -> TextTable {
        TextTable(
            header: [
                division, "n", "mean reward", "within-prompt AUC", "AUC", "accuracy", "Brier",
                "calibration error", "right", "within-prompt AUC, gold", "AUC, gold",
            ],
            lines: parts.map { part in
                let pseudo = part.section.pseudo.all
                let gold = part.section.gold?.all
                return [part.name, "\(pseudo.count)"]
                    + [
                        pseudo.meanReward, pseudo.withinPromptAUC, pseudo.auc, pseudo.accuracy,
                        pseudo.brier, pseudo.calibrationError, gold?.meanReward,
                        gold?.withinPromptAUC, gold?.auc,
                    ].map(decimals)
            })
    }
}
