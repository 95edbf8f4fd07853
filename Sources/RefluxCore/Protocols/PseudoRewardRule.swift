/// Turns the structure of a prompt's responses into pseudo-rewards, without any gold.
///
/// **Who calls it.** The stages `label`, `sample` and `reward` for every prompt, and `reinforce`
/// when it rewards by the rule or logs the rule beside the reward model. A rule always sees the
/// whole group.
///
/// **The smallest conforming type** accepts whatever has an answer:
/// ```swift
/// struct AnyAnswer: PseudoRewardRule {
///     let name = "any-answer"
///     func judge(_ group: ResponseGroup) throws -> GroupJudgement {
///         GroupJudgement(label: nil, verdicts: group.answers.map { .reward($0 == nil ? 0 : 1) })
///     }
/// }
/// ```
///
/// **Cost.** Called once a prompt and step; microseconds are right, a network call is not.
/// **Threads.** Called from any thread, several groups at once: keep no mutable state.
/// **Errors.** A throw is counted and shown, and the group's responses abstain; it never becomes a 0.
/// **Determinism.** The same group gives the same judgement.
public protocol PseudoRewardRule: Sendable {
    /// The rule's name in metrics and reports.
    var name: String { get }

    /// Whether the rule reads ``ResponseGroup/gold``. Such a run says so in its report.
    var needsGold: Bool { get }

    /// Judges one group.
    ///
    /// - Parameter group: a prompt with all its responses.
    /// - Returns: a label or the reason why there is none, and one verdict for each response.
    /// - Throws: whatever makes the group abstain; it is counted by its text.
    func judge(_ group: ResponseGroup) async throws -> GroupJudgement
}

extension PseudoRewardRule {
    /// Rules do not need gold unless they say so.
    public var needsGold: Bool { false }
}
