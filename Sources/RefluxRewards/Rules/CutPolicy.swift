import RefluxCore

/// What becomes of a response that was cut by the limit on its tokens, although an answer can be
/// read in it: often the number at which it happened to end.
public enum CutPolicy: String, Sendable, CaseIterable {
    /// It counts as a response without an answer: it casts no vote and earns nothing. It still
    /// counts among those that were asked.
    case abstain
    /// It votes and earns like any other.
    case vote

    /// Whether a response was cut, and that matters.
    func rejects(_ response: Response) -> Bool { self == .abstain && response.finish == .length }

    /// The answers of a group, without those of responses that are rejected.
    func answers(of group: ResponseGroup) -> [String?] {
        zip(group.responses, group.answers).map { rejects($0) ? nil : $1 }
    }
}
