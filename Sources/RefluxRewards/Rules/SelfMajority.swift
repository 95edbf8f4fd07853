public import RefluxCore

/// The student's own most frequent answer is the label, and every response earns 1 when its answer
/// is the label and 0 when not (TTRL, arXiv 2504.16084; SRT, arXiv 2505.21444, which also reports
/// the collapse that this ends in when it goes on for long).
///
/// Teacher responses do not vote, but they earn. Before the student has answered a prompt, as in
/// the stage `label`, all abstain, with the reason `no student response`; the other reasons are
/// those of ``TeacherMajority``. Metrics: `share`, `margin` and `voters`, of the student's
/// responses.
public struct SelfMajority: PseudoRewardRule {
    /// The vote's options.
    public var vote: MajorityVote

    /// Makes the rule.
    public init(_ vote: MajorityVote = MajorityVote()) { self.vote = vote }

    /// `self-majority`.
    public var name: String { "self-majority" }

    /// Votes and compares. Linear in the responses.
    public func judge(_ group: ResponseGroup) -> GroupJudgement {
        vote.judgeAgreement(group, count: vote.count(group, voters: .student), voters: .student)
    }
}
