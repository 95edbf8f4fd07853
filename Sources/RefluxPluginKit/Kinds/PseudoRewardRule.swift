/// Turns the structure of a prompt's responses into pseudo-rewards.
///
/// ```swift
/// struct AnyAnswer: PseudoRewardRule {
///     static let about = About(
///         id: "any-answer", title: "Any answer", description: "Accepts whatever has an answer.",
///         settings: [.number("otherwise", default: 0, in: 0...1, "the reward without an answer")])
///     let otherwise: Double
///     init(_ settings: Settings, host: HostInfo) throws {
///         otherwise = try settings.number("otherwise")
///     }
///     func judge(_ group: ResponseGroup, call: Call) -> Judgement {
///         Judgement(verdicts: group.responses.map { .reward($0.answer == nil ? otherwise : 1) })
///     }
/// }
/// ```
///
/// **Who calls it.** The host, once a prompt and step, with all responses of the prompt.
/// **Cost.** Microseconds are right, a network call is not.
/// **Errors.** A throw makes the group abstain; its text is counted and shown.
public protocol PseudoRewardRule: PluginExtension {
    /// Whether the rule reads ``ResponseGroup/gold``; runs with such a rule say so in their report.
    static var needsGold: Bool { get }

    /// Judges one group: a label or the reason why there is none, and one verdict a response.
    func judge(_ group: ResponseGroup, call: Call) throws -> Judgement
}

extension PseudoRewardRule {
    /// Rules do not need gold unless they say so.
    public static var needsGold: Bool { false }
}
