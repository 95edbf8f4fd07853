public import RefluxCore

/// The teacher where it is right against the student where it is wrong, by the teacher's majority:
/// 1 for a teacher response that agrees with the label, 0 for a student response that does not (in
/// the spirit of SPIN, arXiv 2401.01335, where the teacher's text always wins).
///
/// A student response without an answer does not agree, and earns 0. The other two kinds say
/// nothing about the difference and abstain: `the teacher disagrees with the label`, `the student
/// agrees with the label`. Without a label all abstain, with the reasons of ``TeacherMajority``,
/// whose metrics it has too.
public struct TeacherPreferred: PseudoRewardRule {
    /// The vote's options.
    public var vote: MajorityVote

    /// Makes the rule.
    public init(_ vote: MajorityVote = MajorityVote()) { self.vote = vote }

    /// `teacher-preferred`.
    public var name: String { "teacher-preferred" }

    /// Votes and compares. Linear in the responses.
    public func judge(_ group: ResponseGroup) -> GroupJudgement {
        let count = vote.count(group, voters: .teacher)
        let outcome = vote.decide(count, prompt: group.prompt.index, voters: .teacher)
        return vote.judgement(of: group, outcome: outcome, metrics: count.metrics) {
            label, response, answer in
            switch (response.role, answer == label) {
            case (.teacher, true): .reward(1)
            case (.student, false): .reward(0)
            case (.teacher, false): .abstain("the teacher disagrees with the label")
            case (.student, true): .abstain("the student agrees with the label")
            }
        }
    }
}
