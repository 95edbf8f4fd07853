/// The stages of a run. The order of the cases is the order in which they run.
public enum StageID: String, CaseIterable, Sendable, Codable {
    /// Trains an imperfect teacher from nothing and makes a fresh student. Only when the run file
    /// asks for it.
    case prepare
    /// The teachers answer the training prompts.
    case teach
    /// The rule gives every prompt a pseudo-label and every teacher response a pseudo-reward.
    case label
    /// The student learns from the teachers' responses.
    case warmup
    /// The warmed-up student answers training prompts; the same rule judges the answers.
    case sample
    /// The reward model learns the pseudo-rewards.
    case reward
    /// The student is reinforced against the reward model.
    case reinforce
    /// Every model answers the test prompts.
    case evaluate
}
