import RefluxCore

/// One response of the policy with everything that rewards it.
struct Rollout: Sendable {
    /// The index of its prompt among those of the step.
    let group: Int
    /// What was asked.
    let example: Example
    /// The prompt's and the response's tokens.
    let sequence: TokenSequence
    /// What the policy drew.
    let sampled: SampledResponse
    /// The extracted answer.
    let answer: String?
    /// Whether it is right; for audits only.
    let correct: Bool?
    /// The reward model's score, a logit.
    var score: Double?
    /// The rule's reward; `nil` when the rule abstains.
    var ruleReward: Double?
    /// What the policy learns from; `nil` leaves the rollout out.
    var reward: Double?

    /// Whether the response was ended by the policy and has a readable answer.
    var isReadable: Bool { answer != nil && sampled.finish != .length }

    /// The rollout as a response of the student.
    func response(seed: UInt64, step: Int, sample: Int) -> Response {
        Response(
            promptID: example.id, text: sampled.text, role: .student, source: "step-\(step)",
            model: "policy", sample: sample, seed: seed, finish: sampled.finish,
            tokenCount: sampled.tokens.count, meanLogProbability: sampled.meanLogProbability)
    }
}

/// A rollout as a line of `reinforce/rollouts.jsonl`.
struct RolloutLine: Sendable, Codable {
    /// The step, from 0.
    var step: Int
    /// The example's id.
    var prompt: String
    /// The response.
    var text: String
    /// The extracted answer.
    var answer: String?
    /// The reward model's score, a logit.
    var score: Double?
    /// The rule's reward.
    var ruleReward: Double?
    /// What the policy learnt from.
    var reward: Double?
    /// Whether it is right; an audit.
    var correct: Bool?
    /// The number of tokens.
    var tokens: Int
    /// Why generation ended.
    var finish: Response.FinishReason

    enum CodingKeys: String, CodingKey {
        case step, prompt, text, answer, score
        case ruleReward = "rule_reward"
        case reward, correct, tokens, finish
    }

    /// The line of a rollout.
    init(_ rollout: Rollout, step: Int) {
        self.step = step
        prompt = rollout.example.id
        text = rollout.sampled.text
        answer = rollout.answer
        score = rollout.score
        ruleReward = rollout.ruleReward
        reward = rollout.reward
        correct = rollout.correct
        tokens = rollout.sampled.tokens.count
        finish = rollout.sampled.finish
    }
}
