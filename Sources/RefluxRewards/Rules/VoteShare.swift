public import RefluxCore

/// Every response earns the share of the votes that its answer has: n(a) / G, and 0 without an
/// answer (EMPO, arXiv 2504.05812, with equal answers as the clusters of meaning).
///
/// G is the weight of the voting responses, those without an answer included; their number where
/// every teacher has weight 1. All abstain where nobody
/// voted (`no response`, `no teacher response`, `no student response`) and where the first answer
/// has less than `minShare` (`share below 0.5`). The label is the first answer, and none, with the
/// reason `tie` or `no answer`, where no answer is first; the rewards do not depend on it.
///
/// Metrics: those of ``TeacherMajority``.
public struct VoteShare: PseudoRewardRule {
    /// Whose answers vote. All responses earn.
    public var voters: Voters
    /// The smallest share of the first answer with which the group is rewarded.
    public var minShare: Double
    /// What to do about responses that were cut.
    public var cut: CutPolicy

    /// Makes the rule.
    public init(voters: Voters = .all, minShare: Double = 0, cut: CutPolicy = .abstain) {
        self.voters = voters
        self.minShare = minShare
        self.cut = cut
    }

    /// Reads `voters`, `min_share` and `cut`.
    init(_ reader: ConfigurationReader) throws {
        voters = try reader.choice("voters", default: .all)
        minShare = try reader.double("min_share", default: 0, in: 0...1)
        cut = try reader.choice("cut", default: .abstain)
    }

    /// `vote-share`.
    public var name: String { "vote-share" }

    /// Counts. The product of responses and different answers, at most.
    public func judge(_ group: ResponseGroup) -> GroupJudgement {
        let vote = MajorityVote(minShare: minShare, cut: cut)
        let count = vote.count(group, voters: voters)
        let label = count.leaders.count == 1 ? count.leaders.first : nil
        var reason: String?
        if count.voters == 0 { reason = voters.silence(count) }
        if count.share < minShare { reason = reason ?? "share below \(minShare)" }
        if let reason {
            return GroupJudgement(
                label: nil, abstention: reason,
                verdicts: group.responses.map { _ in .abstain(reason) }, metrics: count.metrics)
        }
        return GroupJudgement(
            label: label,
            abstention: label == nil
                ? (count.leaders.isEmpty ? voters.silence(count) : "tie") : nil,
            verdicts: cut.answers(of: group).map {
                .reward(count.fraction(count.votes(for: $0)))
            }, metrics: count.metrics)
    }
}
