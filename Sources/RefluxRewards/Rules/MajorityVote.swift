import RefluxCore

/// A vote that makes an answer the label of a prompt: the options that all voting rules share.
///
/// "No answer" never votes and never earns. A response counts with its weight
/// (``RefluxCore/Response/weight``): shares, margins and their thresholds are those of the weights.
public struct MajorityVote: Sendable, Equatable {
    /// The smallest share of the voters' weight that makes a label.
    public var minShare: Double
    /// The smallest lead over the second answer, as a fraction of the voters' weight.
    public var minMargin: Double
    /// What to do about ties.
    public var tie: TiePolicy
    /// What to do about responses that were cut.
    public var cut: CutPolicy
    /// The seed of the tie policy `random`.
    public var seed: UInt64

    /// Makes a vote.
    public init(
        minShare: Double = 0, minMargin: Double = 0, tie: TiePolicy = .abstain,
        cut: CutPolicy = .abstain, seed: UInt64 = 0
    ) {
        self.minShare = minShare
        self.minMargin = minMargin
        self.tie = tie
        self.cut = cut
        self.seed = seed
    }

    /// Reads `min_share`, `min_margin`, `tie` and `cut`.
    init(_ reader: ConfigurationReader, cut: CutPolicy = .abstain, seed: UInt64) throws {
        minShare = try reader.double("min_share", default: 0, in: 0...1)
        minMargin = try reader.double("min_margin", default: 0, in: 0...1)
        tie = try reader.choice("tie", default: TiePolicy.abstain)
        self.cut = try reader.choice("cut", default: cut)
        self.seed = seed
    }

    /// What a vote comes to.
    enum Outcome {
        /// A label.
        case label(String)
        /// No label, and why.
        case none(String)
    }

    /// Decides by a count.
    ///
    /// - Parameters:
    ///   - count: the votes.
    ///   - prompt: the index of the prompt.
    ///   - voters: who was asked.
    /// - Returns: the label, or why there is none.
    func decide(_ count: VoteCount, prompt: Int, voters: Voters) -> Outcome {
        let leaders = count.leaders
        guard !leaders.isEmpty else { return .none(voters.silence(count)) }
        guard let label = tie.choose(among: leaders, seed: seed, prompt: prompt) else {
            return .none("tie")
        }
        if count.share < minShare { return .none("share below \(minShare)") }
        if count.margin < minMargin { return .none("margin below \(minMargin)") }
        return .label(label)
    }

    /// Counts the votes of a group.
    ///
    /// - Parameters:
    ///   - group: the responses.
    ///   - weight: how much a response counts; 0 is not asked.
    /// - Returns: the votes.
    func count(_ group: ResponseGroup, weight: (Response) -> Double) -> VoteCount {
        VoteCount(
            ballots: zip(group.responses, cut.answers(of: group)).map { response, answer in
                VoteCount.Ballot(answer, weight: weight(response))
            })
    }

    /// Counts the votes of a group, each with the weight of its response.
    func count(_ group: ResponseGroup, voters: Voters) -> VoteCount {
        count(group) { voters.include($0) ? $0.weight : 0 }
    }

    /// Gives 1 to every response whose answer is the label and 0 to all others; without a label all
    /// abstain.
    func judgeAgreement(
        _ group: ResponseGroup, count: VoteCount, voters: Voters
    ) -> GroupJudgement {
        let outcome = decide(count, prompt: group.prompt.index, voters: voters)
        return judgement(of: group, outcome: outcome, metrics: count.metrics) { label, _, answer in
            .reward(answer == label ? 1 : 0)
        }
    }

    /// The judgement of a group by its label; without one all abstain for the same reason.
    ///
    /// - Parameters:
    ///   - group: the responses.
    ///   - outcome: the vote's.
    ///   - metrics: the judgement's.
    ///   - verdict: that of a response with its answer, where there is a label.
    /// - Returns: the judgement.
    func judgement(
        of group: ResponseGroup, outcome: Outcome, metrics: [String: Double],
        verdict: (_ label: String, Response, _ answer: String?) -> Verdict
    ) -> GroupJudgement {
        switch outcome {
        case .label(let label):
            GroupJudgement(
                label: label,
                verdicts: zip(group.responses, cut.answers(of: group)).map {
                    verdict(label, $0, $1)
                }, metrics: metrics)
        case .none(let reason):
            GroupJudgement(
                label: nil, abstention: reason,
                verdicts: group.responses.map { _ in .abstain(reason) }, metrics: metrics)
        }
    }
}

extension VoteCount {
    /// `share`, `margin` and `voters`: how many of those that were asked had an answer.
    var metrics: [String: Double] {
        ["share": share, "margin": margin, "voters": Double(answered)]
    }
}
