public import RefluxCore

/// The paper's rule: the teacher's most frequent answer is the prompt's label, and every response,
/// the teacher's and the student's alike, earns 1 when its answer is the label and 0 when not
/// (Zhang et al., arXiv 2502.19557).
///
/// "No answer" never votes and never earns: a response without an answer gets 0 where there is a
/// label. Where there is none, all responses of the prompt abstain, with the reason: `no teacher
/// response`, `no teacher answer`, `tie`, `share below 0.5`, `margin below 0.2`.
///
/// Metrics: `share` and `margin` of the vote, both as fractions of **all** teacher responses, also
/// of those without an answer; `voters`, how many teacher responses had an answer.
public struct TeacherMajority: PseudoRewardRule {
    /// The smallest share of the teacher responses that makes a label.
    public var minShare: Double
    /// The smallest lead over the second answer, as a fraction of the teacher responses.
    public var minMargin: Double
    /// What to do about ties.
    public var tie: TiePolicy
    /// The seed of the tie policy `random`.
    public var seed: UInt64

    /// Makes the rule.
    public init(
        minShare: Double = 0, minMargin: Double = 0, tie: TiePolicy = .abstain, seed: UInt64 = 0
    ) {
        self.minShare = minShare
        self.minMargin = minMargin
        self.tie = tie
        self.seed = seed
    }

    /// Reads `min_share`, `min_margin` and `tie`.
    init(_ reader: ConfigurationReader, seed: UInt64) throws {
        minShare = try reader.double("min_share", default: 0, in: 0...1)
        minMargin = try reader.double("min_margin", default: 0, in: 0...1)
        tie = try reader.choice("tie", default: TiePolicy.abstain)
        self.seed = seed
    }

    /// `teacher-majority`.
    public var name: String { "teacher-majority" }

    /// Votes and compares. Linear in the responses.
    public func judge(_ group: ResponseGroup) -> GroupJudgement {
        let teachers = zip(group.responses, group.answers).filter { $0.0.role == .teacher }
        let count = VoteCount(teachers.map(\.1))
        let metrics = [
            "share": count.share, "margin": count.margin,
            "voters": Double(teachers.count { $0.1 != nil }),
        ]
        switch decide(count, prompt: group.prompt.index) {
        case .label(let label):
            return GroupJudgement(
                label: label, verdicts: group.answers.map { .reward($0 == label ? 1 : 0) },
                metrics: metrics)
        case .none(let reason):
            return GroupJudgement(
                label: nil, abstention: reason,
                verdicts: group.responses.map { _ in .abstain(reason) }, metrics: metrics)
        }
    }

    private enum Decision {
        case label(String)
        case none(String)
    }

    private func decide(_ count: VoteCount, prompt: Int) -> Decision {
        let leaders = count.leaders
        guard var label = leaders.first else {
            return .none(count.voters == 0 ? "no teacher response" : "no teacher answer")
        }
        if leaders.count > 1 {
            switch tie {
            case .abstain: return .none("tie")
            case .first: break
            case .random:
                var stream = RandomKey(seed: seed, stage: .label, prompt: prompt).stream
                label = leaders.sorted().randomElement(using: &stream) ?? label
            }
        }
        if count.share < minShare { return .none("share below \(minShare)") }
        if count.margin < minMargin { return .none("margin below \(minMargin)") }
        return .label(label)
    }
}
