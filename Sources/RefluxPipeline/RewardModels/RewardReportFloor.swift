import RefluxRewards

/// A floor of a reward model's report.
package typealias RewardReportFloor = Floor<RecordedRewardReport>

extension RecordedRewardReport: FlooredReport {
    /// The numbers of the held-out responses, against the pseudo-rewards and against gold.
    package static let floorNumbers: [String: @Sendable (RecordedRewardReport) -> Double?] = [
        "within_prompt_auc": { $0.evaluation.heldOut.pseudo.all.withinPromptAUC },
        "auc": { $0.evaluation.heldOut.pseudo.all.auc },
        "accuracy": { $0.evaluation.heldOut.pseudo.all.accuracy },
        "gold_within_prompt_auc": { $0.evaluation.heldOut.gold?.all.withinPromptAUC },
        "gold_auc": { $0.evaluation.heldOut.gold?.all.auc },
        "gold_accuracy": { $0.evaluation.heldOut.gold?.all.accuracy },
    ]
}
