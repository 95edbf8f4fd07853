import RefluxCore
import RefluxFiles
import RefluxRewards

/// The guard before reinforcement: a reward model that cannot tell the good responses to a prompt from
/// the bad ones ruins the student while its own score climbs.
struct RewardFloor: Sendable {
    /// The smallest held-out within-prompt AUC.
    let floor: Double
    /// Whether to start all the same.
    let isOverridden: Bool

    /// Reads the report of the stage `reward` and refuses, or notes, a reward model below the floor.
    ///
    /// - Throws: ``RefluxError`` of kind `refused`.
    func check(reportAt path: String, observer: RunObserver) throws {
        let report = try JSONText.decode(
            RewardEvaluation.self, from: Files.read(path), path: path)
        let quality = report.heldOut.pseudo.all
        if let found = quality.withinPromptAUC, found >= floor { return }
        let error = RefluxError(
            .refused,
            found: quality.withinPromptAUC.map { "the held-out within-prompt AUC is \($0)" }
                ?? "no held-out prompt has an accepted and a rejected response",
            at: SourceLocation(path: path), wanted: "a within-prompt AUC of at least \(floor)",
            remedy: "Give the reward model a stronger body, more prompts or the features "
                + "[hidden, logprobs]; reinforce by the rule (reinforce.reward: rule); or set "
                + "reward.override_floor: true to start all the same.")
        guard isOverridden else { throw error }
        observer.note("reward.override_floor: reinforcement starts although \(error.found)")
    }
}
