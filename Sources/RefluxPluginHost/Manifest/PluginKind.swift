/// A kind of extension with its revision, as manifests and the binary name it.
public enum PluginKind: String, Sendable, CaseIterable, Codable {
    /// Pseudo-reward rules.
    case pseudoRewardRule = "pseudo-reward-rule/1"
    /// Policy optimizers.
    case policyOptimizer = "policy-optimizer/1"
    /// Tasks.
    case taskEvaluator = "task-evaluator/1"
    /// Teachers.
    case teacherSource = "teacher-source/1"
    /// Reward models.
    case rewardModel = "reward-model/1"

    /// The name without the revision.
    public var name: String { String(rawValue.dropLast(2)) }
}
