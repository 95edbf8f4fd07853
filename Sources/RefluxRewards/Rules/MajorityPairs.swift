public import RefluxCore

/// The most-voted answer against the least-voted one, nothing in between: 1 for the responses that
/// gave the first, 0 for those that gave the last, the others abstain (ScPO, arXiv 2411.04109).
///
/// Answers that are last together all earn 0. A response without an answer abstains (`no answer`):
/// it never votes, so it is neither first nor last. The others abstain with `between the first and
/// the last answer`, or `not voted for` where only others vote. Where there is one answer only
/// (`one answer only`) or all have equally many votes (`tie`) there is no pair and all abstain, and
/// so they do where the vote gives no label, with the reasons of ``TeacherMajority``.
///
/// Metrics: those of ``TeacherMajority``, and `weight`, the method's weight of the pair: the votes
/// between the first and the last answer as a fraction of the voters; 0 without a pair.
public struct MajorityPairs: PseudoRewardRule {
    /// Whose answers vote. All responses are judged.
    public var voters: Voters
    /// The vote's options.
    public var vote: MajorityVote

    /// Makes the rule.
    public init(_ vote: MajorityVote = MajorityVote(), voters: Voters = .all) {
        self.vote = vote
        self.voters = voters
    }

    /// Reads `voters` and the keys of the vote.
    init(_ reader: ConfigurationReader, seed: UInt64) throws {
        voters = try reader.choice("voters", default: .all)
        vote = try MajorityVote(reader, seed: seed)
    }

    /// `majority-pairs`.
    public var name: String { "majority-pairs" }

    /// Counts and compares. The product of responses and different answers, at most.
    public func judge(_ group: ResponseGroup) -> GroupJudgement {
        let count = vote.count(group, voters: voters)
        let most = count.ranking.first?.votes ?? 0
        let least = count.ranking.last?.votes ?? 0
        var metrics = count.metrics
        metrics["weight"] = count.fraction(most - least)
        var outcome = vote.decide(count, prompt: group.prompt.index, voters: voters)
        if count.ranking.count > 1, most == least { outcome = .none("tie") }
        return vote.judgement(of: group, outcome: outcome, metrics: metrics) { label, _, answer in
            guard let answer else { return .abstain("no answer") }
            if count.ranking.count == 1 { return .abstain("one answer only") }
            if answer == label { return .reward(1) }
            let votes = count.votes(for: answer)
            if votes == least { return .reward(0) }
            return .abstain(votes == 0 ? "not voted for" : "between the first and the last answer")
        }
    }
}
