import RefluxCore

/// The prompts of reinforcement: those that rollouts are drawn for, and those that are set aside to
/// watch the rule's reward.
struct ReinforcementPrompts: Sendable {
    /// Rollouts are drawn for these.
    let training: [Example]
    /// These are only watched: those of the ``HeldOutPrompts`` that the rule rewards.
    let heldOut: [Example]

    /// Splits the training prompts. When only the rule rewards, prompts from which it abstained are
    /// left out.
    ///
    /// - Throws: ``RefluxError`` of kind `refused` when no prompt is left.
    init(_ context: StageContext, settings: ReinforceSettings, pool: TeacherPool) throws {
        let examples = try context.trainExamples()
        let rewarded = examples.filter { pool.isRewarded($0.id) }
        let aside = try context.heldOutPrompts().ids
        let wanted = settings.evaluateEvery > 0 ? settings.evaluateProblems : 0
        heldOut = Array(rewarded.filter { aside.contains($0.id) }.prefix(wanted))
        // A rule that lets only the student vote rewards nothing before there are rollouts.
        let isByRule = settings.reward == .rule && !rewarded.isEmpty
        training = (isByRule ? rewarded : examples).filter { !aside.contains($0.id) }
        guard !training.isEmpty else {
            throw RefluxError(
                .refused, found: "no prompt is left to reinforce on",
                remedy: "Raise task.train or lower task.held_out.")
        }
        if heldOut.isEmpty, wanted > 0 {
            context.observer.note(
                "no held-out prompt has a pseudo-reward: reinforcement is not watched; raise "
                    + "task.held_out")
        }
        if training.count < settings.promptsPerStep {
            context.observer.note(
                "a step takes \(training.count) prompts, not \(settings.promptsPerStep): there are "
                    + "no more")
        }
    }
}
