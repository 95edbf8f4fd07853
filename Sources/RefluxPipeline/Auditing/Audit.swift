package import RefluxCore
import RefluxRewards

/// The numbers of an audit: what was read, what was labelled, and how labels and rewards compare with
/// the dataset's answers.
///
/// A response is right when the reading that votes gives the dataset's answer; nothing is guessed.
package struct Audit: Sendable, Equatable, Encodable {
    /// The responses.
    package let responses: Int
    /// Those with a readable answer.
    package let parsed: Int
    /// The fraction without one.
    package let unparsedRate: Double
    /// How many answers each pattern of the extractor found; `none` counts the others. Empty where
    /// the task cannot say.
    package let levels: [String: Int]
    /// The right responses; `nil` without gold answers.
    package let right: Int?
    /// The fraction of right responses; `nil` without gold answers.
    package let responseAccuracy: Accuracy?
    /// The pseudo-labels.
    package let labels: LabelAudit
    /// The pseudo-rewards.
    package let rewards: RewardAudit
    /// The labels by the smallest share that would be asked for.
    package let coverage: [CoverageRow]

    /// Counts some groups; `gold` says whether anything is compared with the dataset's answers.
    init(_ groups: some Collection<AuditedGroup>, gold: Bool) {
        let items = groups.flatMap(\.items)
        responses = items.count
        parsed = items.count { $0.read.answer != nil }
        unparsedRate = fraction(items) { $0.read.answer == nil } ?? 0
        levels =
            items.contains { $0.read.level != nil }
            ? items.reduce(into: [:]) { $0[$1.read.level ?? "none", default: 0] += 1 } : [:]
        let marks = gold ? items.compactMap(\.isRight) : []
        right = marks.isEmpty ? nil : marks.count { $0 }
        responseAccuracy = right.map { Accuracy(right: $0, of: marks.count) }
        labels = LabelAudit(groups, gold: gold)
        rewards = RewardAudit(items, gold: gold)
        coverage = CoverageRow.thresholds.map { CoverageRow(groups, share: $0, gold: gold) }
    }

    enum CodingKeys: String, CodingKey {
        case responses, parsed
        case unparsedRate = "unparsed_rate"
        case levels = "extraction_levels"
        case right
        case responseAccuracy = "response_accuracy"
        case labels, rewards, coverage
    }
}

/// The pseudo-labels of an audit.
package struct LabelAudit: Sendable, Equatable, Encodable {
    /// The questions.
    package let prompts: Int
    /// Those that have a label.
    package let labelled: Int
    /// The fraction that has one.
    package let coverage: Double
    /// Questions in which two answers lead together, whatever the rule did about it.
    package let ties: Int
    /// The questions without a label by reason.
    package let abstentions: [String: Int]
    /// The right labels; `nil` without gold answers.
    package let right: Int?
    /// The fraction of right labels among the labels.
    package let accuracy: Accuracy?
    /// The fraction of right labels among all questions.
    package let rightOfPrompts: Accuracy?

    init(_ groups: some Collection<AuditedGroup>, gold: Bool) {
        prompts = groups.count
        labelled = groups.count { $0.label != nil }
        coverage = fraction(groups) { $0.label != nil } ?? 0
        ties = groups.count(where: \.isTied)
        abstentions = groups.reduce(into: [:]) { counts, group in
            guard group.label == nil else { return }
            counts[group.abstention ?? "no label", default: 0] += 1
        }
        let known = gold ? groups.filter { $0.example.gold != nil } : []
        guard !known.isEmpty else {
            (right, accuracy, rightOfPrompts) = (nil, nil, nil)
            return
        }
        let right = known.count { $0.isLabelRight == true }
        self.right = right
        accuracy = Accuracy(right: right, of: known.count { $0.label != nil })
        rightOfPrompts = Accuracy(right: right, of: known.count)
    }

    enum CodingKeys: String, CodingKey {
        case prompts, labelled, coverage, ties, abstentions, right, accuracy
        case rightOfPrompts = "right_of_prompts"
    }
}

/// The pseudo-rewards of an audit. A reward of at least 1/2 accepts a response.
package struct RewardAudit: Sendable, Equatable, Encodable {
    /// The accepted responses.
    package let accepted: Int
    /// The rejected responses.
    package let rejected: Int
    /// The responses without a reward by reason; they are in none of the counts below.
    package let abstentions: [String: Int]
    /// Accepted and right; this and what follows is `nil` without gold answers.
    package let truePositives: Int?
    /// Accepted and wrong.
    package let falsePositives: Int?
    /// Rejected and right.
    package let falseNegatives: Int?
    /// Rejected and wrong.
    package let trueNegatives: Int?
    /// The fraction of right ones among the accepted.
    package let precision: Double?
    /// The fraction of accepted ones among the right.
    package let recall: Double?
    /// The fraction of rewards that agree with the dataset.
    package let accuracy: Double?
    /// How often a right response has a higher reward than a wrong one, over all pairs; equal rewards
    /// count half.
    package let auc: Double?

    init(_ items: [AuditedGroup.Item], gold: Bool) {
        let accepts = { (item: AuditedGroup.Item) in (item.verdict.reward ?? 0) >= 0.5 }
        let rewarded = items.filter { $0.verdict.reward != nil }
        accepted = rewarded.count(where: accepts)
        rejected = rewarded.count - accepted
        abstentions = items.reduce(into: [:]) { counts, item in
            if case .abstain(let reason) = item.verdict { counts[reason, default: 0] += 1 }
        }
        let known = gold ? rewarded.filter { $0.isRight != nil } : []
        guard !known.isEmpty else {
            (truePositives, falsePositives, falseNegatives, trueNegatives) = (nil, nil, nil, nil)
            (precision, recall, accuracy, auc) = (nil, nil, nil, nil)
            return
        }
        let count = { (accepted: Bool, right: Bool) in
            known.count { accepts($0) == accepted && $0.isRight == right }
        }
        truePositives = count(true, true)
        falsePositives = count(true, false)
        falseNegatives = count(false, true)
        trueNegatives = count(false, false)
        precision = fraction(known.filter(accepts)) { $0.isRight == true }
        recall = fraction(known.filter { $0.isRight == true }, accepts)
        accuracy = fraction(known) { accepts($0) == $0.isRight }
        auc = Ranking.area(
            known.map {
                Ranking.Item(score: $0.verdict.reward ?? 0, isAccepted: $0.isRight == true)
            })
    }

    enum CodingKeys: String, CodingKey {
        case accepted, rejected, abstentions
        case truePositives = "true_positives"
        case falsePositives = "false_positives"
        case falseNegatives = "false_negatives"
        case trueNegatives = "true_negatives"
        case precision, recall, accuracy, auc
    }
}

/// How many labels a smallest share leaves, and how many of them are right. Ties are left out.
package struct CoverageRow: Sendable, Equatable, Encodable {
    /// The smallest shares that are looked at.
    static let thresholds = [0, 0.25, 0.5, 0.6, 0.7, 0.8, 0.9]

    /// The smallest share.
    package let share: Double
    /// The labels whose answer has that share and leads alone.
    package let count: Int
    /// The right ones; `nil` without gold answers.
    package let right: Int?
    /// The fraction of the right ones.
    package let accuracy: Double?

    init(_ groups: some Collection<AuditedGroup>, share: Double, gold: Bool) {
        self.share = share
        let kept = groups.filter { $0.label != nil && !$0.isTied && $0.share >= share }
        count = kept.count
        let known = gold ? kept.filter { $0.isLabelRight != nil } : []
        right = gold ? known.count { $0.isLabelRight == true } : nil
        accuracy = fraction(known) { $0.isLabelRight == true }
    }

    enum CodingKeys: String, CodingKey {
        case share
        case count = "n"
        case right, accuracy
    }
}
