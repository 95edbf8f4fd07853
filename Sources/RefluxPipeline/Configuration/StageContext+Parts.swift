import RefluxCore

/// Every part but the task is made twice from the same table: once when the run file is checked, so
/// that wrong keys are refused before anything runs, and once by the stage that uses it.
extension StageContext {
    /// The rule of the section `label`.
    func makeRule() throws -> any PseudoRewardRule {
        try configuration.makeRule(registry: registry, context: buildContext()).part
    }

    /// The judge of groups, with the rule of the section `label`.
    func makeJudge() throws -> GroupJudge {
        GroupJudge(task: task, rule: try makeRule(), timeout: configuration.label.timeout)
    }

    /// The reward model of the section `reward`, not fitted yet.
    func makeRewardModel() throws -> any RewardModel {
        try configuration.makeRewardModel(registry: registry, context: buildContext()).part
    }

    /// The reward model that the stage `reward` saved.
    func savedRewardModel() throws -> any RewardModel {
        try configuration.loadRewardModel(
            from: "\(folder(.reward))/model", context: buildContext())
    }

    /// The optimizer of the section `reinforce`.
    func makeOptimizer() throws -> any PolicyOptimizer {
        try configuration.makeOptimizer(registry: registry, context: buildContext()).part
    }

    /// The teachers with their settings, in the order of the run file.
    func makeTeachers() throws -> [(settings: TeacherSettings, source: any TeacherSource)] {
        try configuration.makeTeachers(registry: registry, context: buildContext())
            .map { ($0.settings, $0.part) }
    }
}
