import RefluxCore

/// Whose answers vote.
public enum Voters: String, Sendable, CaseIterable {
    /// The teachers'.
    case teacher
    /// The student's.
    case student
    /// Everybody's.
    case all

    /// Whether a response votes.
    func include(_ response: Response) -> Bool {
        switch self {
        case .teacher: response.role == .teacher
        case .student: response.role == .student
        case .all: true
        }
    }

    /// Why a vote without any answer is one.
    func silence(_ count: VoteCount) -> String {
        let missing = count.voters == 0 ? "response" : "answer"
        return self == .all ? "no \(missing)" : "no \(rawValue) \(missing)"
    }
}
