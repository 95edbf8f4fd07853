public import RefluxCore

/// Everything that is reported about a reward model: on held-out prompts and on the training
/// prompts, against the pseudo-rewards and, where the dataset has answers, against gold (an audit),
/// beside scores that need no reward model.
public struct RewardEvaluation: Sendable, Codable, Equatable {
    /// What is reported about one set of prompts.
    public struct Section: Sendable, Codable, Equatable {
        /// Against the pseudo-rewards.
        public var pseudo: RewardReport
        /// Against gold: an audit.
        public var gold: RewardReport?
        /// Against the pseudo-rewards, scores that need no reward model: `mean_logprob`, the mean
        /// log-probability under the model that gave the response, where it is known for all, and
        /// `shortness`, minus the length; and what the caller compares with.
        public var baselines: [String: RankingQuality]
        /// The same baselines against gold.
        public var goldBaselines: [String: RankingQuality]?

        enum CodingKeys: String, CodingKey {
            case pseudo, gold, baselines
            case goldBaselines = "gold_baselines"
        }
    }

    /// How well a score ranks; it need not be a logit.
    public struct RankingQuality: Sendable, Codable, Equatable {
        /// The AUC over the pairs of one prompt.
        public var withinPromptAUC: Double?
        /// The AUC over all responses.
        public var auc: Double?

        /// Makes a quality.
        public init(withinPromptAUC: Double?, auc: Double?) {
            self.withinPromptAUC = withinPromptAUC
            self.auc = auc
        }

        enum CodingKeys: String, CodingKey {
            case withinPromptAUC = "within_prompt_auc"
            case auc
        }
    }

    /// On prompts that were kept from training.
    public var heldOut: Section
    /// On the training prompts; much better numbers than on the held-out ones mean memorising.
    public var training: Section?

    /// Puts two sections together.
    public init(heldOut: Section, training: Section? = nil) {
        self.heldOut = heldOut
        self.training = training
    }

    enum CodingKeys: String, CodingKey {
        case heldOut = "held_out"
        case training
    }
}

extension RewardEvaluation.Section {
    /// Measures the scores of labelled responses.
    ///
    /// Responses without a pseudo-reward are left out of `pseudo`, those without a gold mark out of
    /// `gold`. Lengths are in tokens where all are known, else in characters.
    ///
    /// - Parameters:
    ///   - responses: the responses.
    ///   - scores: the score of each.
    ///   - further: further scores to compare with, by name, each with one for every response.
    /// - Throws: ``RefluxError`` as ``RewardReport`` does.
    public init(
        _ responses: [LabelledResponse], scores: [Double],
        baselines further: [String: [Double]] = [:]
    ) throws {
        let counts = [scores.count] + further.values.map(\.count)
        guard counts.allSatisfy({ $0 == responses.count }) else {
            throw RefluxError(
                .internalFault, found: "\(counts) scores",
                wanted: "one for each of \(responses.count) responses")
        }
        let scored = Array(zip(responses, scores))
        let pseudo = Audited(scored, rewards: responses.map(\.reward), further: further)
        let gold = Audited(
            scored, rewards: responses.map { $0.correct.map { $0 ? 1 : 0 } }, further: further)
        self.pseudo = try pseudo.report()
        baselines = pseudo.baselines()
        if !gold.responses.isEmpty {
            self.gold = try gold.report()
            goldBaselines = gold.baselines()
        }
    }
}

/// Responses that have a reward of one kind.
private struct Audited {
    var responses: [LabelledResponse] = []
    var scores: [Double] = []
    var rewards: [Double] = []
    let further: [String: [Double]]

    init(
        _ scored: [(LabelledResponse, Double)], rewards: [Double?], further: [String: [Double]]
    ) {
        for ((response, score), reward) in zip(scored, rewards) {
            guard let reward else { continue }
            responses.append(response)
            scores.append(score)
            self.rewards.append(reward)
        }
        self.further = further.mapValues { scores in
            zip(scores, rewards).filter { $1 != nil }.map(\.0)
        }
    }

    var lengths: [Int] {
        let tokens = responses.compactMap(\.response.tokenCount)
        return tokens.count == responses.count
            ? tokens : responses.map(\.response.text.unicodeScalars.count)
    }

    func report() throws -> RewardReport {
        try RewardReport(
            scores: scores, rewards: rewards, promptIDs: responses.map(\.response.promptID),
            roles: responses.map(\.response.role), lengths: lengths)
    }

    func baselines() -> [String: RewardEvaluation.RankingQuality] {
        var baselines = further.mapValues(quality)
        baselines["shortness"] = quality(of: lengths.map { -Double($0) })
        let logProbabilities = responses.compactMap(\.response.meanLogProbability)
        if logProbabilities.count == responses.count {
            baselines["mean_logprob"] = quality(of: logProbabilities)
        }
        return baselines
    }

    private func quality(of scores: [Double]) -> RewardEvaluation.RankingQuality {
        let items = zip(scores, rewards).map { Ranking.Item(score: $0, isAccepted: $1 >= 0.5) }
        let groups = Dictionary(grouping: items.indices) { responses[$0].response.promptID }
        return RewardEvaluation.RankingQuality(
            withinPromptAUC: Ranking.areaWithin(
                groups.values.map { $0.map { items[$0] } }
            ).area,
            auc: Ranking.area(items))
    }
}
