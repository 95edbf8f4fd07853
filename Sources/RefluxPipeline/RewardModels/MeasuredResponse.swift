import RefluxCore
import RefluxRewards

/// A recorded response with its pseudo-reward and its score: a line of `held_out.jsonl`.
struct MeasuredResponse: Sendable, Codable, Equatable {
    /// The response.
    var labelled: LabelledResponse
    /// The category of its question.
    var category: String?
    /// The reward model's score.
    var score: Double
    /// Scores that need no reward model, by name; see ``RewardBaselines``.
    var baselines: [String: Double]
}

/// What a reward model is compared with: scores of a response that are there without one.
///
/// | name | score |
/// |---|---|
/// | `vote_share` | the share of the question's responses that give the same answer; 0 without one. It sees the other responses, which no reward model does |
/// | `model_reward` | the mean pseudo-reward of the responses of the same model on the side of training |
/// | `body_logprob` | the mean log-probability of its tokens under the untrained body |
/// | `body_shortness` | minus the number of its tokens in the body's tokenizer |
///
/// ``RewardEvaluation`` adds `shortness` and, where all responses have one, `mean_logprob`.
struct RewardBaselines: Sendable {
    /// The mean pseudo-reward of each model; see ``RecordedSplit/modelRewards``.
    let modelRewards: [String: Double]
    /// The untrained body, if it is to be read.
    let body: UntrainedBody?

    /// The baselines of a question's responses.
    func scores(of group: AuditedGroup, items: [ScoringItem]) async throws -> [[String: Double]] {
        let readings = try await body?.read(items)
        return group.items.indices.map { index in
            let read = group.items[index].read
            let votes = group.votes.votes(for: read.answer)
            var scores = ["vote_share": group.votes.fraction(votes)]
            scores["model_reward"] = modelRewards[read.response.model]
            if let reading = readings?[index] {
                scores["body_logprob"] = reading.meanLogProbability
                scores["body_shortness"] = -Double(reading.tokens)
            }
            return scores
        }
    }
}
