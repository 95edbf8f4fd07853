import RefluxCore
import RefluxFiles

/// The loop of reinforcement: draw, reward, update; look, remember, go on.
///
/// Everything of a step is a function of the seed, the step and the weights; so a run that goes on
/// from a checkpoint ends with the same bits.
struct ReinforcementLoop: Sendable {
    /// What the loop remembers beside the weights.
    struct State: Codable, Sendable {
        /// The best look so far.
        struct Best: Codable, Sendable {
            /// After how many updates.
            var step: Int
            /// The held-out rule reward.
            var reward: Double
        }

        /// The best look; `nil` before the first one.
        var best: Best?
        /// Whether a look fell so far below the best one that reinforcement ended early.
        var hasCollapsed = false
    }

    /// The stage's settings.
    let settings: ReinforceSettings
    /// The stage's folder.
    let folder: String
    /// The student.
    let policy: any LanguageModelEngine
    /// Which prompts a step takes.
    let order: PromptOrder
    /// Draws rollouts.
    let source: RolloutSource
    /// Rewards them.
    let rewards: RolloutRewards
    /// Learns from them.
    let update: PolicyUpdate
    /// Watches.
    let heldOut: HeldOutReward
    /// Refreshes the votes.
    let refresh: LabelRefresh
    /// The pseudo-labels by prompt, for audits.
    let labels: [String: PromptLabel]
    /// Told of progress and metrics.
    let observer: RunObserver
    /// The stage's metrics.
    let metrics: MetricsFile

    /// Runs all steps, from the last checkpoint if there is one.
    ///
    /// - Returns: the best look, if there was any, and whether reinforcement ended early.
    func run() async throws -> State {
        let checkpoints = Checkpoints<State>(folder: "\(folder)/checkpoints")
        let log = RolloutLog(path: "\(folder)/rollouts.jsonl")
        let found = try await checkpoints.restore(policy)
        var state = found?.state ?? State()
        var step = found?.step ?? 0
        var checkpoint = found?.step
        var refresh = refresh
        if let checkpoint { observer.note("going on from checkpoint step-\(checkpoint)") }
        try metrics.truncate(fromStep: step)
        try log.truncate(fromStep: step)
        if step == 0 { _ = try await look(after: 0, state: &state) }
        while step < settings.steps, !state.hasCollapsed {
            try Task.checkCancellation()
            var values = try await namingStep(step, checkpoint: checkpoint) {
                try await carryOut(step, votes: refresh.votes(at: step), log: log)
            }
            step += 1
            if isLookDue(after: step) {
                values.merge(try await look(after: step, state: &state)) { $1 }
            }
            observer.metrics(step - 1, values)
            observer.progress(step, settings.steps, "steps")
            if step % settings.checkpointEvery == 0, step < settings.steps, !state.hasCollapsed {
                try await checkpoints.save(policy, step: step, state: state)
                checkpoint = step
            }
        }
        return state
    }

    /// One step.
    private func carryOut(
        _ step: Int, votes: VotePool, log: RolloutLog
    ) async throws -> [String: Double] {
        var clock = PhaseClock()
        var rewards = rewards
        rewards.refreshed = votes
        var rollouts = try await source.rollouts(of: order.examples(at: step), step: step)
        clock.end("seconds_sampling")
        let faults = try await rewards.reward(&rollouts, step: step)
        clock.end("seconds_rewards")
        let guards = try RolloutMetrics(rollouts, labels: labels, source: settings.reward)
        let usable = rollouts.filter { $0.reward != nil }
        tell(faults, guards: guards, step: step, hasRewards: !usable.isEmpty)
        var values: [String: Double] = [:]
        if usable.isEmpty {
            let reason =
                rollouts.isEmpty ? "every response is empty" : "the rule abstains from every prompt"
            observer.note("step \(step): \(reason); no update")
        } else {
            values = try await update.apply(usable, step: step)
        }
        clock.end("seconds_update")
        try log.append(rollouts.filter { $0.group == 0 }, step: step)
        values.merge(guards.values) { $1 }
        values.merge(clock.phases) { $1 }
        values["rule_errors"] = Double(faults.count)
        values["learning_rate"] =
            settings.optimization.schedule(totalSteps: settings.steps).rate(at: step)
        return values
    }

    /// No signal and a fault look alike in a loss of 0; here they are told apart.
    private func tell(
        _ faults: [String], guards: RolloutMetrics, step: Int, hasRewards: Bool
    ) {
        if let fault = faults.first {
            observer.note("step \(step): the rule failed on \(faults.count) prompts: \(fault)")
        }
        guard hasRewards, guards.hasNoSignal else { return }
        observer.note(
            "step \(step): no signal: the rollouts of every prompt have equal rewards, so there is "
                + "nothing to tell apart within a prompt (this is no fault)")
    }

    private func isLookDue(after step: Int) -> Bool {
        guard settings.evaluateEvery > 0 else { return false }
        return step % settings.evaluateEvery == 0 || step == settings.steps
    }

    /// Looks at the held-out rule reward, keeps the policy when it is the best so far, and ends
    /// reinforcement when it is far worse.
    private func look(after step: Int, state: inout State) async throws -> [String: Double] {
        guard settings.evaluateEvery > 0, let look = try await heldOut.look(at: policy) else {
            return [:]
        }
        observer.note("after \(step) steps: held-out rule reward \(look.reward)")
        if look.reward > state.best?.reward ?? -.infinity {
            state.best = State.Best(step: step, reward: look.reward)
            if settings.keepsBestLook, step > 0, step < settings.steps {
                try await Files.writeFolderAtomically("\(folder)/best") { temporary in
                    try await policy.exportModel(to: temporary)
                }
            }
        }
        if let best = state.best, settings.earlyStopDrop > 0,
            best.reward - look.reward > settings.earlyStopDrop
        {
            state.hasCollapsed = true
            observer.note(
                "reinforcement ends after \(step) steps: the held-out rule reward fell by more than "
                    + "\(settings.earlyStopDrop) (reinforce.early_stop_drop)")
        }
        var values = ["held_out_rule_reward": look.reward]
        values["held_out_accuracy"] = look.accuracy
        return values
    }
}

/// How long the parts of a step took.
private struct PhaseClock {
    private let clock = ContinuousClock()
    private var last = ContinuousClock.now
    private(set) var phases = ["seconds": 0.0]

    /// Ends a part.
    mutating func end(_ name: String) {
        let now = clock.now
        let seconds = (now - last).inSeconds
        phases[name] = seconds
        phases["seconds", default: 0] += seconds
        last = now
    }
}
