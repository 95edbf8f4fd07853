public import RefluxCore

/// The paper's rule: the teacher's most frequent answer is the prompt's label, and every response,
/// the teacher's and the student's alike, earns 1 when its answer is the label and 0 when not
/// (Zhang et al., arXiv 2502.19557).
///
/// "No answer" never votes and never earns: a response without an answer gets 0 where there is a
/// label. Where there is none, all responses of the prompt abstain, with the reason: `no teacher
/// response`, `no teacher answer`, `tie`, `share below 0.5`, `margin below 0.2`.
///
/// Of all voting rules this is the only one in which responses that were cut vote unless they are
/// told not to (``CutPolicy``): published numbers of this rule were made so.
///
/// Metrics: `share` and `margin` of the vote, both as fractions of **all** teacher responses, also
/// of those without an answer; `voters`, how many teacher responses had an answer.
public struct TeacherMajority: PseudoRewardRule {
    /// The vote's options.
    public var vote: MajorityVote

    /// Makes the rule.
    public init(
        minShare: Double = 0, minMargin: Double = 0, tie: TiePolicy = .abstain,
        cut: CutPolicy = .vote, seed: UInt64 = 0
    ) {
        vote = MajorityVote(
            minShare: minShare, minMargin: minMargin, tie: tie, cut: cut, seed: seed)
    }

    /// Reads `min_share`, `min_margin`, `tie` and `cut`.
    init(_ reader: ConfigurationReader, seed: UInt64) throws {
        vote = try MajorityVote(reader, cut: .vote, seed: seed)
    }

    /// `teacher-majority`.
    public var name: String { "teacher-majority" }

    /// Votes and compares. Linear in the responses.
    public func judge(_ group: ResponseGroup) -> GroupJudgement {
        vote.judgeAgreement(group, count: vote.count(group, voters: .teacher), voters: .teacher)
    }
}
