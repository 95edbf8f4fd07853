public import RefluxCore

/// The dataset's answer as the label: for upper bounds and audits, never for a run that claims to
/// learn without gold.
///
/// A response earns 1 when its answer is the gold one, else 0. Without gold all abstain, with the
/// reason `no gold`.
public struct GoldAgreement: PseudoRewardRule {
    /// Makes the rule.
    public init() {}

    /// `gold`.
    public var name: String { "gold" }
    /// This rule reads the dataset's answer.
    public var needsGold: Bool { true }

    /// Compares with the gold answer.
    public func judge(_ group: ResponseGroup) -> GroupJudgement {
        guard let gold = group.gold else {
            return GroupJudgement(
                label: nil, abstention: "no gold",
                verdicts: group.responses.map { _ in .abstain("no gold") })
        }
        return GroupJudgement(
            label: gold, verdicts: group.answers.map { .reward($0 == gold ? 1 : 0) })
    }
}
