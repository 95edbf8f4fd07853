import Foundation
import RefluxCore

extension AuditReport {
    /// The report for a terminal.
    package var text: String {
        var blocks = [Self.facts(audit, task: task, rule: rule, pairing: pairing)]
        if let own = Self.own(metrics) { blocks.append(own) }
        if audit.labels.labelled > 0 { blocks.append(Self.coverage(audit)) }
        for (division, parts) in parts.sorted(by: { $0.key > $1.key }) {
            blocks.append(Self.table(of: parts, by: division))
        }
        return blocks.joined(separator: "\n\n")
    }

    private static func facts(
        _ audit: Audit, task: String, rule: String, pairing: PairingCounts
    ) -> String {
        let labels = audit.labels
        let rewards = audit.rewards
        var lines = [
            [
                "responses",
                "\(audit.responses) of \(pairing.models.count) models to \(labels.prompts) questions "
                    + "of \(task)",
            ],
            ["read", "\(audit.parsed), unparsed \(FinalTable.percent(audit.unparsedRate))"],
        ]
        if !audit.levels.isEmpty { lines.append(["found by", counts(audit.levels)]) }
        if let right = audit.right, let accuracy = audit.responseAccuracy {
            lines.append(["right", "\(right), \(withError(accuracy))"])
        }
        lines.append([
            "labels", "\(labels.labelled) of \(labels.prompts) by \(rule), \(labels.ties) ties",
        ])
        if !labels.abstentions.isEmpty { lines.append(["no label", counts(labels.abstentions)]) }
        if let right = labels.right, let accuracy = labels.accuracy {
            lines.append([
                "right labels",
                "\(right) of \(labels.prompts) questions; of the labels \(withError(accuracy))",
            ])
        }
        lines.append(["rewards", "\(rewards.accepted) accepted, \(rewards.rejected) rejected"])
        if !rewards.abstentions.isEmpty {
            lines.append(["no reward", counts(rewards.abstentions)])
        }
        if let confusion = confusion(rewards) {
            lines.append([
                "against gold",
                "TP \(confusion[0])  FP \(confusion[1])  FN \(confusion[2])  TN \(confusion[3])",
            ])
            lines.append([
                "",
                "precision \(number(rewards.precision)), recall \(number(rewards.recall)), accuracy "
                    + "\(number(rewards.accuracy)), AUC \(number(rewards.auc))",
            ])
        }
        return TextTable(header: lines[0], lines: Array(lines.dropFirst())).plain
    }

    /// The rule's own numbers but for those that the facts tell already.
    private static func own(_ metrics: [String: Double]) -> String? {
        let lines = metrics.filter { !["share", "margin", "voters"].contains($0.key) }
            .sorted { $0.key < $1.key }.map { [$0.key, shortNumber($0.value)] }
        return lines.isEmpty
            ? nil : TextTable(header: ["the rule's own numbers", "mean"], lines: lines).plain
    }

    private static func coverage(_ audit: Audit) -> String {
        TextTable(
            header: ["share at least", "labels, untied", "right", "accuracy"],
            lines: audit.coverage.map { row in
                [
                    String(format: "%.2f", row.share), "\(row.count)",
                    row.right.map(String.init) ?? "-", number(row.accuracy),
                ]
            }
        ).plain
    }

    private static func table(of parts: [Part], by division: String) -> String {
        TextTable(
            header: [
                division, "responses", "unparsed", "right", "questions", "labels", "right labels",
                "TP", "FP", "FN", "TN", "precision", "recall",
            ],
            lines: parts.map { part in
                let audit = part.audit
                return [
                    part.name, "\(audit.responses)", FinalTable.percent(audit.unparsedRate),
                    number(audit.responseAccuracy?.value), "\(audit.labels.prompts)",
                    "\(audit.labels.labelled)", audit.labels.right.map(String.init) ?? "-",
                ] + (confusion(audit.rewards) ?? ["-", "-", "-", "-"])
                    + [number(audit.rewards.precision), number(audit.rewards.recall)]
            }
        ).plain
    }

    private static func confusion(_ rewards: RewardAudit) -> [String]? {
        let counts = [
            rewards.truePositives, rewards.falsePositives, rewards.falseNegatives,
            rewards.trueNegatives,
        ].compactMap(\.self)
        return counts.count == 4 ? counts.map(String.init) : nil
    }

    private static func counts(_ counts: [String: Int]) -> String {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }

    private static func withError(_ accuracy: Accuracy) -> String {
        FinalTable.withError(accuracy.value, accuracy.standardError)
    }

    private static func number(_ value: Double?) -> String {
        value.map { String(format: "%.3f", $0) } ?? "-"
    }
}
