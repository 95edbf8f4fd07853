import Foundation
import RefluxCore

/// Rewards rollouts: by the reward model, by the rule, or by both. Whatever rewards them, the other
/// one's opinion is kept beside it, since the two drifting apart is the first sign of a reward that is
/// being exploited.
struct RolloutRewards: Sendable {
    /// What rewards, and how.
    let settings: ReinforceSettings
    /// The reward model; `nil` when the run has none.
    let model: (any RewardModel)?
    /// The rule.
    let judge: GroupJudge
    /// The teachers' responses, which belong to every group that the rule sees.
    let pool: TeacherPool
    /// The current student's votes, when labels are refreshed.
    var refreshed = VotePool()
    /// The run's seed.
    let seed: UInt64

    /// Fills in score, rule reward and reward of each rollout.
    ///
    /// - Returns: what the rule threw, one text a group that failed.
    func reward(_ rollouts: inout [Rollout], step: Int) async throws -> [String] {
        try await score(&rollouts)
        let faults = try await judgeByRule(&rollouts, step: step)
        for index in rollouts.indices { rollouts[index].reward = reward(of: rollouts[index]) }
        return faults
    }

    private func score(_ rollouts: inout [Rollout]) async throws {
        guard let model, !rollouts.isEmpty else { return }
        let scores = try await model.score(
            try rollouts.map { rollout in
                ScoringItem(
                    prompt: try judge.task.prompt(for: rollout.example), text: rollout.sampled.text,
                    finished: rollout.sampled.finish != .length)
            })
        guard scores.count == rollouts.count else {
            throw RefluxError(
                .internalFault, found: "the reward model gave \(scores.count) scores",
                wanted: "one for each of the \(rollouts.count) rollouts")
        }
        for (index, score) in scores.enumerated() {
            try checkFinite(score, "score of the reward model")
            rollouts[index].score = score
        }
    }

    private func judgeByRule(_ rollouts: inout [Rollout], step: Int) async throws -> [String] {
        var faults: [String] = []
        for indexes in Dictionary(grouping: rollouts.indices, by: { rollouts[$0].group }).sorted(
            by: { $0.key < $1.key }
        ).map(\.value) {
            let example = rollouts[indexes[0]].example
            let known = pool.group(of: example.id)
            let extra = refreshed.group(of: example.id)
            let drawn = indexes.enumerated().map { place, index in
                rollouts[index].response(seed: seed, step: step, sample: place)
            }
            let group = try await judge.judge(
                example, responses: known.responses + extra.responses + drawn,
                answers: known.answers + extra.answers + indexes.map { rollouts[$0].answer })
            if let fault = group.fault { faults.append(fault) }
            for (index, reward) in zip(indexes, group.rewards.suffix(indexes.count)) {
                rollouts[index].ruleReward = reward
            }
        }
        return faults
    }

    private func reward(of rollout: Rollout) -> Double? {
        switch settings.reward {
        case .model: return modelReward(of: rollout)
        case .rule: return rollout.ruleReward
        case .both:
            guard let model = modelReward(of: rollout) else { return rollout.ruleReward }
            return rollout.ruleReward.map { ($0 + model) / 2 } ?? model
        }
    }

    /// The model's score on the chosen scale; what was cut or has no readable answer gets
    /// `unparsed_reward`, whatever its text looks like to the model.
    private func modelReward(of rollout: Rollout) -> Double? {
        guard let score = rollout.score else { return nil }
        guard rollout.isReadable else { return settings.unparsedReward }
        return settings.rewardScale == .sigmoid ? 1 / (1 + exp(-score)) : score
    }
}
