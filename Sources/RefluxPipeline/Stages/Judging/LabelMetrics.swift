import RefluxCore

/// What the labels of a run are like, for `metrics.jsonl` and for people.
///
/// `rule: NAME` is the mean of a number of the rule's own over the prompts that have it. Names that
/// end in `_accuracy`, `_precision` or `_recall` compare with gold answers: audits, left out when
/// there are none.
struct LabelMetrics: Sendable {
    /// The named numbers.
    private(set) var values: [String: Double] = [:]

    /// Counts labels and responses.
    init(labels: [PromptLabel], responses: [LabelledResponse]) {
        count(labels)
        count(responses)
    }

    private mutating func count(_ labels: [PromptLabel]) {
        values["prompts"] = Double(labels.count)
        values["labelled_prompts"] = Double(labels.count { $0.label != nil })
        values["rewarded_prompts"] = Double(labels.count { $0.rewarded > 0 })
        values["coverage"] = fraction(labels) { $0.rewarded > 0 }
        values["majority_ratio"] = mean(labels.compactMap(\.share))
        values["rule_errors"] = Double(labels.count { $0.fault != nil })
        for (name, value) in RuleMetrics.means(of: labels.compactMap(\.metrics)) {
            values["rule: \(name)"] = value
        }
        let audited = labels.filter { $0.label != nil && $0.correct != nil }
        if !audited.isEmpty {
            values["label_accuracy"] = fraction(audited) { $0.correct == true }
        }
        for reason in labels.compactMap(\.abstention) {
            values["abstained: \(reason)", default: 0] += 1
        }
    }

    private mutating func count(_ responses: [LabelledResponse]) {
        values["responses"] = Double(responses.count)
        values["unparsed_rate"] = fraction(responses) { $0.answer == nil }
        values["truncated_rate"] = fraction(responses) { $0.response.finish == .length }
        values["reward_mean"] = mean(responses.compactMap(\.reward))
        let audited = responses.filter { $0.correct != nil }
        guard !audited.isEmpty else { return }
        values["response_accuracy"] = fraction(audited) { $0.correct == true }
        let rewarded = audited.filter { $0.reward != nil }
        let accepted = rewarded.filter(\.isAccepted)
        values["reward_accuracy"] = fraction(rewarded) { $0.isAccepted == $0.correct }
        values["reward_precision"] = fraction(accepted) { $0.correct == true }
        values["reward_recall"] = fraction(rewarded.filter { $0.correct == true }) {
            $0.isAccepted
        }
    }
}

extension LabelledResponse {
    /// Whether the pseudo-reward is at least one half.
    var isAccepted: Bool { (reward ?? 0) >= 0.5 }
}

/// The mean, or `nil` of nothing.
func mean(_ values: some Collection<Double>) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}

/// The fraction of the items that hold, or `nil` of nothing.
func fraction<Item>(_ items: some Collection<Item>, _ holds: (Item) -> Bool) -> Double? {
    items.isEmpty ? nil : Double(items.count(where: holds)) / Double(items.count)
}
