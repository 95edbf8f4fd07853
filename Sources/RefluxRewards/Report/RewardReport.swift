import Foundation
public import RefluxCore

/// How good a reward model's scores are against some rewards (pseudo-rewards, or gold for an audit).
///
/// The first number to look at is the **within-prompt AUC**: over the pairs of one prompt's
/// responses, one accepted and one not, how often the accepted one scores higher. The ordinary AUC
/// can be high for a model that only knows which prompts are easy, and such a model ruins
/// reinforcement learning.
///
/// A response is accepted when its reward is at least 1/2. Numbers that do not exist (an AUC without
/// a pair) are `nil` and left out of the JSON.
public struct RewardReport: Sendable, Codable, Equatable {
    /// All responses.
    public var all: Part
    /// The teacher's.
    public var teacher: Part
    /// The student's.
    public var student: Part
    /// All responses by their probability; absent in reports of older versions.
    public var reliability: [ReliabilityBin]?

    /// Measures scores.
    ///
    /// - Parameters:
    ///   - scores: the scores, as logits.
    ///   - rewards: the rewards, from 0 to 1. `[responses]`
    ///   - promptIDs: the prompt of each response. `[responses]`
    ///   - roles: whose response it is. `[responses]`
    ///   - lengths: the length of each response, in tokens or in characters. `[responses]`
    /// - Throws: ``RefluxError`` of kind `internalFault` when the counts differ, `numeric` when a
    ///   score is not finite.
    public init(
        scores: [Double], rewards: [Double], promptIDs: [String], roles: [Response.Role],
        lengths: [Int]
    ) throws {
        let counts = [rewards.count, promptIDs.count, roles.count, lengths.count]
        guard counts.allSatisfy({ $0 == scores.count }) else {
            throw RefluxError(
                .internalFault, found: "\(scores.count) scores with arrays of \(counts)",
                wanted: "arrays of one length")
        }
        guard scores.allSatisfy(\.isFinite), rewards.allSatisfy({ (0...1).contains($0) }) else {
            throw RefluxError(
                .numeric, found: "a score that is not finite, or a reward outside of 0 to 1")
        }
        let items = scores.indices.map { index in
            ScoredResponse(
                score: scores[index], reward: rewards[index], prompt: promptIDs[index],
                length: lengths[index])
        }
        all = Part(items)
        teacher = Part(items.indices.filter { roles[$0] == .teacher }.map { items[$0] })
        student = Part(items.indices.filter { roles[$0] == .student }.map { items[$0] })
        reliability = ReliabilityBin.bins(items)
    }

    /// The numbers of some responses.
    public struct Part: Sendable, Codable, Equatable {
        /// The AUC over the pairs of one prompt, all pairs counting alike.
        public var withinPromptAUC: Double?
        /// How many such pairs there are.
        public var pairs: Int
        /// The area under the ROC curve over all responses.
        public var auc: Double?
        /// How often the score's sign agrees with the reward (a score of 0 accepts).
        public var accuracy: Double?
        /// The mean squared difference of sigmoid(score) and the reward.
        public var brier: Double?
        /// The expected calibration error over ten equal bins of sigmoid(score): the mean over
        /// responses of |mean probability - mean reward| of their bin.
        public var calibrationError: Double?
        /// The mean score.
        public var meanScore: Double?
        /// The mean reward.
        public var meanReward: Double?
        /// How many responses.
        public var count: Int
        /// The scores by length, shortest quarter first; a quarter without responses is left out.
        public var byLength: [LengthQuarter]

        enum CodingKeys: String, CodingKey {
            case withinPromptAUC = "within_prompt_auc"
            case pairs, auc, accuracy, brier
            case calibrationError = "calibration_error"
            case meanScore = "mean_score"
            case meanReward = "mean_reward"
            case count = "n"
            case byLength = "by_length"
        }
    }

    /// A quarter of the responses, by length: a model that only rewards length gives itself away.
    public struct LengthQuarter: Sendable, Codable, Equatable {
        /// The shortest response.
        public var shortest: Int
        /// The longest response.
        public var longest: Int
        /// How many responses.
        public var count: Int
        /// The mean score.
        public var meanScore: Double
        /// The mean reward.
        public var meanReward: Double
        /// The mean score of the accepted ones less that of the others, if there are both.
        public var gap: Double?

        enum CodingKeys: String, CodingKey {
            case shortest, longest
            case count = "n"
            case meanScore = "mean_score"
            case meanReward = "mean_reward"
            case gap
        }
    }
}

/// A response as the report sees it.
struct ScoredResponse {
    var score: Double
    var reward: Double
    var prompt: String
    var length: Int

    var isAccepted: Bool { reward >= 0.5 }
    var probability: Double { sigmoid(score) }
    var ranked: Ranking.Item { Ranking.Item(score: score, isAccepted: isAccepted) }
}
