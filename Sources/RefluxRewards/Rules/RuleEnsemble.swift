public import RefluxCore

/// The mean of the rewards of other rules minus their disagreement: mean - lambda * deviation, kept
/// in [0, 1]. A response that only some of the rules like earns less than one that all like equally
/// (the pessimism of reward-model ensembles; arXiv 2310.02743 subtracts the variance).
///
/// The deviation is that of the rewards at hand, without Bessel's correction; of a single one it is
/// 0. Abstentions, errors, label and metrics are as for ``WeightedSum``.
public struct RuleEnsemble: PseudoRewardRule {
    /// How much the disagreement costs.
    public var lambda: Double
    private let combination: RuleCombination

    /// Makes the rule of at least one other.
    public init(
        _ rules: [any PseudoRewardRule], lambda: Double = 1, onAbstain: AbstentionPolicy = .abstain
    ) {
        self.lambda = lambda
        combination = RuleCombination(
            parts: RulePart.parts(rules.map { ($0, 1) }), onAbstain: onAbstain)
    }

    /// Reads `lambda`, `on_abstain` and the list `rules`.
    init(_ reader: ConfigurationReader, context: BuildContext) throws {
        let parts = try RulePart.read(reader, context: context, weighted: false, atLeast: 2)
        lambda = try reader.double("lambda", default: 1, in: 0...1000)
        combination = RuleCombination(
            parts: parts, onAbstain: try reader.choice("on_abstain", default: .abstain))
    }

    /// `ensemble`.
    public var name: String { "ensemble" }
    /// Whether one of the parts reads gold.
    public var needsGold: Bool { combination.needsGold }

    /// Asks all parts.
    ///
    /// - Throws: what a part throws, with its name.
    public func judge(_ group: ResponseGroup) async throws -> GroupJudgement {
        try await combination.judge(group) { rewards in
            let count = Double(rewards.count)
            let mean = rewards.reduce(0) { $0 + $1.reward } / count
            let variance = rewards.reduce(0) { $0 + ($1.reward - mean) * ($1.reward - mean) }
            return min(max(mean - lambda * (variance / count).squareRoot(), 0), 1)
        }
    }
}
