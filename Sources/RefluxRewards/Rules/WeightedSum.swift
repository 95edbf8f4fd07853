public import RefluxCore

/// The weighted sum of the rewards of other rules, with weights that are divided by their sum:
/// rewards from 0 to 1 stay there.
///
/// Where a part abstains the response abstains, with `PART: REASON`, or, with
/// ``AbstentionPolicy/skip``, the others decide, their weights divided by what is left. An error of
/// a part is the error of the whole, with the part's name: the group abstains, and the pipeline
/// counts it. Parts judge one after the other. Label and metrics are those of the first part that
/// has a label; every part's metrics are there too, as `PART.METRIC`.
public struct WeightedSum: PseudoRewardRule {
    private let combination: RuleCombination

    /// Makes the rule.
    ///
    /// - Parameters:
    ///   - rules: the parts with their weights, at least 0 and not all of them 0; 0 is judged for its
    ///     metrics only.
    ///   - onAbstain: what to do where one abstains.
    public init(
        _ rules: [(rule: any PseudoRewardRule, weight: Double)],
        onAbstain: AbstentionPolicy = .abstain
    ) {
        combination = RuleCombination(parts: RulePart.parts(rules), onAbstain: onAbstain)
    }

    /// Reads `on_abstain` and the list `rules`.
    init(_ reader: ConfigurationReader, context: BuildContext) throws {
        combination = RuleCombination(
            parts: try RulePart.read(reader, context: context, weighted: true, atLeast: 1),
            onAbstain: try reader.choice("on_abstain", default: .abstain))
    }

    /// `weighted-sum`.
    public var name: String { "weighted-sum" }
    /// Whether one of the parts reads gold.
    public var needsGold: Bool { combination.needsGold }

    /// Asks all parts.
    ///
    /// - Throws: what a part throws, with its name.
    public func judge(_ group: ResponseGroup) async throws -> GroupJudgement {
        try await combination.judge(group) { rewards in
            let total = rewards.reduce(0) { $0 + $1.weight }
            return total > 0
                ? rewards.reduce(0) { $0 + $1.reward * $1.weight } / total : 0
        }
    }
}
