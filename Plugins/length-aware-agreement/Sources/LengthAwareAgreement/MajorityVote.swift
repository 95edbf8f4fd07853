import RefluxPluginKit

/// What a vote does when several answers lead.
enum TiePolicy: String, CaseIterable {
    /// There is no label.
    case abstain
    /// The lowest of them, as a number where all are numbers, otherwise as a text.
    case lowest
}

/// The answer that most teachers gave.
struct MajorityVote {
    /// What a vote ends in; the share is that of the leading answer in the weight of all teacher
    /// responses.
    enum Outcome {
        /// A label.
        case label(String, share: Double)
        /// None, and why.
        case none(String, share: Double)
    }

    let minShare: Double
    let tie: TiePolicy

    /// Adds up the weights of the answers, which are 1 where teachers have none. A response that was cut, or has no answer, has no vote, but it counts among
    /// those that were asked: a majority of the few that could be read is no majority.
    func decide(_ teachers: [Response]) -> Outcome {
        let asked = teachers.reduce(0) { $0 + $1.weight }
        guard asked > 0 else { return .none("no teacher response", share: 0) }
        var votes: [String: Double] = [:]
        for teacher in teachers where teacher.finish != .length && teacher.weight > 0 {
            if let answer = teacher.answer { votes[answer, default: 0] += teacher.weight }
        }
        guard let most = votes.values.max() else { return .none("no teacher answer", share: 0) }
        let share = most / asked
        let leaders = votes.filter { $0.value == most }.map(\.key)
        guard leaders.count == 1 || tie == .lowest, let label = lowest(leaders) else {
            return .none("tie", share: share)
        }
        guard share >= minShare else { return .none("share below \(minShare)", share: share) }
        return .label(label, share: share)
    }

    private func lowest(_ answers: [String]) -> String? {
        let numbers = answers.compactMap { answer in
            Double(answer).flatMap { $0.isFinite ? (answer, $0) : nil }
        }
        guard numbers.count == answers.count else { return answers.min() }
        return numbers.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
    }
}
