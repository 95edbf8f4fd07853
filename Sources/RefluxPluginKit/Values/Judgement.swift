/// What a rule makes of one group.
public struct Judgement: Sendable, Equatable {
    /// The pseudo-label of the prompt, or `nil` when the rule has none.
    public var label: String?
    /// Why there is no label, in a few words that can be counted: `tie`.
    public var abstention: String?
    /// One verdict for each response of the group, in its order.
    public var verdicts: [Verdict]
    /// Named numbers for the metrics file, for instance `share`.
    public var metrics: [String: Double]

    /// Makes a judgement.
    public init(
        label: String? = nil, abstention: String? = nil, verdicts: [Verdict],
        metrics: [String: Double] = [:]
    ) {
        self.label = label
        self.abstention = abstention
        self.verdicts = verdicts
        self.metrics = metrics
    }

    /// A judgement without a label, in which every response abstains for one reason.
    public static func abstaining(
        _ group: ResponseGroup, because reason: String, metrics: [String: Double] = [:]
    ) -> Judgement {
        Judgement(
            abstention: reason, verdicts: group.responses.map { _ in .abstain(reason) },
            metrics: metrics)
    }
}

/// The pseudo-reward of one response, or the reason why there is none.
public enum Verdict: Sendable, Equatable {
    /// A pseudo-reward from 0 (rejected) to 1 (accepted).
    case reward(Double)
    /// No pseudo-reward; the reason in a few words that can be counted.
    case abstain(String)

    /// The pseudo-reward, or `nil`.
    public var reward: Double? {
        if case .reward(let value) = self { value } else { nil }
    }
}
