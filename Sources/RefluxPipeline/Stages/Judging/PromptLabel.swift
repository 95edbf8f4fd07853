import RefluxCore

/// The pseudo-label of one prompt: a line of `label/labels.jsonl`.
struct PromptLabel: Sendable, Codable, Equatable {
    /// The example's id.
    var prompt: String
    /// The example's position in the split.
    var promptIndex: Int
    /// The label; `nil` for an abstention, or for rules that have no labels.
    var label: String?
    /// Why there is none.
    var abstention: String?
    /// The share of the votes that the label has, where the rule votes.
    var share: Double?
    /// Its lead over the next answer, where the rule votes.
    var margin: Double?
    /// The rule's other numbers; `nil` where it has none.
    var metrics: [String: Double]?
    /// How many responses were judged.
    var responses: Int
    /// How many of them have a pseudo-reward.
    var rewarded: Int
    /// Whether the label is right; an audit.
    var correct: Bool?
    /// What the rule threw.
    var fault: String?

    enum CodingKeys: String, CodingKey {
        case prompt
        case promptIndex = "prompt_index"
        case label, abstention, share, margin, metrics, responses, rewarded, correct
        case fault = "rule_error"
    }

    /// The label of a judged group.
    ///
    /// - Parameters:
    ///   - group: the group.
    ///   - labelled: its responses, with the audit's marks.
    init(_ group: JudgedGroup, labelled: [LabelledResponse]) {
        prompt = group.example.id
        promptIndex = group.example.index
        label = group.judgement.label
        abstention = group.judgement.abstention
        share = group.judgement.metrics["share"]
        margin = group.judgement.metrics["margin"]
        let others = group.judgement.metrics.filter { !["share", "margin"].contains($0.key) }
        metrics = others.isEmpty ? nil : others
        responses = labelled.count
        rewarded = labelled.count { $0.reward != nil }
        fault = group.fault
        guard let label, let gold = group.example.gold else { return }
        correct = label == gold
    }
}
