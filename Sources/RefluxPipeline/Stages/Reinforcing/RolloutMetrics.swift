import Foundation
import RefluxCore
import RefluxRewards

/// The guards of the method, from the rollouts of one step.
///
/// `rollout_accuracy`, `label_accuracy`, `reward_accuracy` and `within_prompt_auc_gold` compare with
/// gold answers: audits, left out where there are none.
struct RolloutMetrics: Sendable {
    /// The named numbers.
    private(set) var values: [String: Double] = [:]

    /// Measures the rollouts of a step.
    ///
    /// - Parameters:
    ///   - rollouts: with their rewards.
    ///   - labels: the pseudo-labels by prompt.
    ///   - source: what rewarded them.
    /// - Throws: ``RefluxError`` of kind `numeric` when a score is not finite.
    init(
        _ rollouts: [Rollout], labels: [String: PromptLabel],
        source: ReinforceSettings.RewardSource
    ) throws {
        let groups = Dictionary(grouping: rollouts, by: \.group).sorted { $0.key < $1.key }
            .map(\.value)
        values["rollouts"] = Double(rollouts.count)
        values["unparsed_rate"] = fraction(rollouts) { $0.answer == nil }
        values["truncated_rate"] = fraction(rollouts) { $0.sampled.finish == .length }
        values["response_length"] = mean(rollouts.map { Double($0.sampled.tokens.count) })
        values["majority_ratio"] = mean(groups.map(Self.majorityRatio))
        values["zero_variance_groups"] = fraction(groups, Self.isEqual)
        measureRewards(rollouts)
        try compareScoreWithRule(rollouts)
        try audit(rollouts, labels: labels, source: source)
    }

    /// Whether no group has rewards that differ, so that there is nothing to learn in this step.
    var hasNoSignal: Bool { values["zero_variance_groups"] == 1 }

    private mutating func measureRewards(_ rollouts: [Rollout]) {
        values["reward_mean"] = mean(rollouts.compactMap(\.reward))
        values["rule_reward"] = mean(rollouts.compactMap(\.ruleReward))
        // As a probability, to stand beside the rule's reward.
        values["score_mean"] = mean(rollouts.compactMap(\.score).map { 1 / (1 + exp(-$0)) })
        values["rule_coverage"] = fraction(rollouts) { $0.ruleReward != nil }
    }

    private mutating func compareScoreWithRule(_ rollouts: [Rollout]) throws {
        let both = rollouts.filter { $0.score != nil && $0.ruleReward != nil }
        values["score_rule_correlation"] = correlation(
            both.compactMap(\.score), both.compactMap(\.ruleReward))
        values["within_prompt_auc_rule"] = try Self.withinPromptAUC(both) {
            ($0.ruleReward ?? 0) >= 0.5
        }
    }

    private mutating func audit(
        _ rollouts: [Rollout], labels: [String: PromptLabel],
        source: ReinforceSettings.RewardSource
    ) throws {
        let audited = rollouts.filter { $0.correct != nil }
        guard !audited.isEmpty else { return }
        values["rollout_accuracy"] = fraction(audited) { $0.correct == true }
        values["within_prompt_auc_gold"] = try Self.withinPromptAUC(
            audited.filter { $0.score != nil }
        ) { $0.correct == true }
        values["reward_accuracy"] = fraction(audited.filter { $0.reward != nil }) { rollout in
            let isAccepted =
                source == .rule
                ? (rollout.ruleReward ?? 0) >= 0.5 : rollout.isReadable && (rollout.score ?? 0) >= 0
            return isAccepted == rollout.correct
        }
        let marks = Set(rollouts.map(\.example.id)).compactMap { labels[$0]?.correct }
        values["label_accuracy"] = fraction(marks) { $0 }
    }

    /// The share of the most frequent answer among all responses of a group.
    private static func majorityRatio(_ group: [Rollout]) -> Double {
        let votes = Dictionary(grouping: group.compactMap(\.answer)) { $0 }.map(\.value.count)
        return Double(votes.max() ?? 0) / Double(group.count)
    }

    private static func isEqual(_ group: [Rollout]) -> Bool {
        let rewards = group.compactMap(\.reward)
        guard let least = rewards.min(), let most = rewards.max() else { return true }
        return most - least < 1e-9
    }

    private static func withinPromptAUC(
        _ rollouts: [Rollout], isAccepted: (Rollout) -> Bool
    ) throws -> Double? {
        try RewardReport(
            scores: rollouts.map { $0.score ?? 0 },
            rewards: rollouts.map { isAccepted($0) ? 1 : 0 },
            promptIDs: rollouts.map(\.example.id), roles: rollouts.map { _ in .student },
            lengths: rollouts.map(\.sampled.tokens.count)
        ).all.withinPromptAUC
    }
}

/// Pearson's correlation; `nil` when one side does not vary.
func correlation(_ a: [Double], _ b: [Double]) -> Double? {
    guard let meanA = mean(a), let meanB = mean(b) else { return nil }
    let (x, y) = (a.map { $0 - meanA }, b.map { $0 - meanB })
    let square = { (values: [Double]) in values.reduce(0) { $0 + $1 * $1 } }
    let scale = (square(x) * square(y)).squareRoot()
    guard scale > 1e-12 else { return nil }
    return zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } / scale
}
