import Foundation
import RefluxCore

/// What `reflux label --run` tells: the run's own labels and rewards beside the new ones.
package struct RescoringReport: Sendable, Encodable {
    /// The run folder.
    package let run: String
    /// Which of its responses.
    package let pool: String
    /// The rule that the run was labelled by.
    package let earlierRule: String
    /// The numbers of the run's own labels and rewards.
    package let earlier: Audit
    /// How the two agree.
    package let agreement: RescoringAgreement
    /// The new numbers.
    package let now: AuditReport

    enum CodingKeys: String, CodingKey {
        case run, pool
        case earlierRule = "earlier_rule"
        case earlier, agreement, now
    }

    /// The report for a terminal.
    package var text: String {
        let rows: [(String, (Audit) -> String?)] = [
            ("labels", { "\($0.labels.labelled) of \($0.labels.prompts)" }),
            ("right labels", { $0.labels.accuracy.map { number($0.value) } }),
            ("accepted", { "\($0.rewards.accepted)" }),
            ("rejected", { "\($0.rewards.rejected)" }),
            ("precision", { $0.rewards.precision.map(number) }),
            ("recall", { $0.rewards.recall.map(number) }),
            ("reward accuracy", { $0.rewards.accuracy.map(number) }),
            ("AUC", { $0.rewards.auc.map(number) }),
        ]
        let table = TextTable(
            header: [pool, "before: \(earlierRule)", "now: \(now.rule)"],
            lines: rows.compactMap { name, value in
                guard value(earlier) != nil || value(now.audit) != nil else { return nil }
                return [name, value(earlier) ?? "-", value(now.audit) ?? "-"]
            })
        return [now.text, table.plain, agreement.text].joined(separator: "\n\n")
    }
}

/// How two scorings of the same responses agree.
package struct RescoringAgreement: Sendable, Equatable, Encodable {
    /// Prompts with the same label before and now.
    package let sameLabels: Int
    /// Prompts with two different labels.
    package let otherLabels: Int
    /// Prompts that had a label and have none now.
    package let lostLabels: Int
    /// Prompts that have a label now and had none.
    package let newLabels: Int
    /// Responses accepted both times, or rejected both times.
    package let sameRewards: Int
    /// Responses accepted before and rejected now.
    package let nowRejected: Int
    /// Responses rejected before and accepted now.
    package let nowAccepted: Int
    /// Responses that had a reward and have none now.
    package let lostRewards: Int
    /// Responses that have a reward now and had none.
    package let newRewards: Int
    /// Of the responses that are accepted by one alone, those of which the new scoring is right.
    package let nowRight: Int?

    /// Compares two scorings of the same groups.
    init(_ earlier: [AuditedGroup], _ now: [AuditedGroup], gold: Bool) {
        let labels = zip(earlier, now).map { ($0.label, $1.label) }
        sameLabels = labels.count { $0 != nil && $0 == $1 }
        otherLabels = labels.count { $0 != nil && $1 != nil && $0 != $1 }
        lostLabels = labels.count { $0 != nil && $1 == nil }
        newLabels = labels.count { $0 == nil && $1 != nil }
        let pairs = zip(earlier.flatMap(\.items), now.flatMap(\.items)).map { before, now in
            (
                before: before.verdict.reward.map { $0 >= 0.5 },
                now: now.verdict.reward.map { $0 >= 0.5 }, isRight: now.isRight
            )
        }
        sameRewards = pairs.count { $0.before != nil && $0.before == $0.now }
        nowRejected = pairs.count { $0.before == true && $0.now == false }
        nowAccepted = pairs.count { $0.before == false && $0.now == true }
        lostRewards = pairs.count { $0.before != nil && $0.now == nil }
        newRewards = pairs.count { $0.before == nil && $0.now != nil }
        let moved = pairs.filter { $0.before != nil && $0.now != nil && $0.before != $0.now }
        nowRight =
            gold && moved.allSatisfy { $0.isRight != nil }
            ? moved.count { $0.now == $0.isRight } : nil
    }

    enum CodingKeys: String, CodingKey {
        case sameLabels = "same_labels"
        case otherLabels = "other_labels"
        case lostLabels = "lost_labels"
        case newLabels = "new_labels"
        case sameRewards = "same_rewards"
        case nowRejected = "now_rejected"
        case nowAccepted = "now_accepted"
        case lostRewards = "lost_rewards"
        case newRewards = "new_rewards"
        case nowRight = "now_right"
    }

    /// The numbers for a terminal.
    var text: String {
        let moved = nowRejected + nowAccepted
        return TextTable(
            header: [
                "labels",
                "\(sameLabels) the same, \(otherLabels) others, \(lostLabels) lost, \(newLabels) new",
            ],
            lines: [
                [
                    "rewards",
                    "\(sameRewards) the same, \(nowAccepted) now accepted, \(nowRejected) now "
                        + "rejected, \(lostRewards) lost, \(newRewards) new",
                ]
            ]
                + (nowRight.map {
                    [["", "of the \(moved) that changed sides the new ones are right in \($0)"]]
                } ?? [])
        ).plain
    }
}

private func number(_ value: Double) -> String { String(format: "%.3f", value) }
