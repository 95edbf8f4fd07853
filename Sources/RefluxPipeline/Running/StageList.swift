/// The stages of the method, in order.
let allStages: [any Stage] = [
    PrepareStage(), TeachStage(), LabelStage(), WarmupStage(), SampleStage(), RewardStage(),
    ReinforceStage(), EvaluateStage(),
]

extension RunConfiguration {
    /// Whether a run of this file has a stage. `prepare` runs when the file has that section; the
    /// reward model is left out when reinforcement is rewarded by the rule alone and the file has no
    /// section `reward`.
    func includes(_ stage: StageID) -> Bool {
        switch stage {
        case .prepare: prepare != nil
        case .sample, .reward: reinforce.reward != .rule || source["reward"] != nil
        default: true
        }
    }
}
