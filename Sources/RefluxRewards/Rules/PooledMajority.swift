public import RefluxCore

/// Teachers and student vote together, each with a weight, and every response earns 1 when its
/// answer is the label and 0 when not: ``TeacherMajority`` and ``SelfMajority`` as one.
///
/// A source that has a weight of its own counts with that, any other one with its role's, and either
/// is multiplied by the weight of the response itself (``RefluxCore/Response/weight``). Responses of
/// no weight are not asked: they are not part of shares and margins. Where nobody with a weight
/// has responded all abstain with `no response`, where none of them has an answer with `no answer`;
/// the other reasons, and the metrics, are those of ``TeacherMajority``.
public struct PooledMajority: PseudoRewardRule {
    /// The vote's options.
    public var vote: MajorityVote
    /// The weight of a teacher response.
    public var teacherWeight: Double
    /// The weight of a student response.
    public var studentWeight: Double
    /// Weights of sources by their names (``RefluxCore/Response/source``).
    public var weights: [String: Double]

    /// Makes the rule; weights are finite and at least 0.
    public init(
        _ vote: MajorityVote = MajorityVote(), teacherWeight: Double = 1, studentWeight: Double = 1,
        weights: [String: Double] = [:]
    ) {
        self.vote = vote
        self.teacherWeight = teacherWeight
        self.studentWeight = studentWeight
        self.weights = weights
    }

    /// Reads `teacher_weight`, `student_weight`, the table `weights` and the keys of the vote.
    init(_ reader: ConfigurationReader, seed: UInt64) throws {
        let range = 0...1_000_000.0
        teacherWeight = try reader.double("teacher_weight", default: 1, in: range)
        studentWeight = try reader.double("student_weight", default: 1, in: range)
        weights = [:]
        if reader.contains("weights") {
            let table = try reader.table("weights")
            for source in table.remainingKeys {
                weights[source] = try table.optionalDouble(source, in: range)
            }
            reader.record("weights", table.resolved.value)
        }
        vote = try MajorityVote(reader, seed: seed)
        guard ([teacherWeight, studentWeight] + weights.values).contains(where: { $0 > 0 }) else {
            throw reader.wrong(
                "teacher_weight", wanted: "a weight above 0 for somebody",
                remedy: "Nobody votes when all weights are 0.")
        }
    }

    /// `pooled-majority`.
    public var name: String { "pooled-majority" }

    /// Votes and compares. Linear in the responses.
    public func judge(_ group: ResponseGroup) -> GroupJudgement {
        let count = vote.count(group) { response in
            response.weight
                * (weights[response.source]
                    ?? (response.role == .teacher ? teacherWeight : studentWeight))
        }
        return vote.judgeAgreement(group, count: count, voters: .all)
    }
}
