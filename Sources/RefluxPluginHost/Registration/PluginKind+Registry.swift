import RefluxCore

extension PluginKind {
    /// The kind's name in the registry of parts and in errors of run files.
    var registryName: String {
        switch self {
        case .pseudoRewardRule: ExtensionKind.rule.name
        case .policyOptimizer: ExtensionKind.optimizer.name
        case .taskEvaluator: ExtensionKind.task.name
        case .teacherSource: ExtensionKind.teacher.name
        case .rewardModel: ExtensionKind.rewardModel.name
        }
    }
}
