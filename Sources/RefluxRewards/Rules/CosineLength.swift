import Foundation
public import RefluxCore

/// A reward by length that depends on whether the answer is accepted (arXiv 2502.03373, section
/// 4.2): along half a cosine from one value at length 0 to another at `maxTokens`, with one pair of
/// values for accepted responses and one for the others.
///
/// With t tokens and T the limit: `long + (short - long) * (1 + cos(pi t / T)) / 2`, and `exceeded`
/// from T tokens on. The paper's values (2 to 1 for right answers, -10 to 0 for wrong ones, -10
/// where the limit is reached) lie outside of [0, 1]; the defaults here keep accepted responses at
/// 1/2 or more and the others below.
///
/// Another rule says what is accepted: a reward of at least 1/2. Where that rule abstains so does
/// this one, with the same reason, and its label and metrics are passed on. A response whose number
/// of tokens is not recorded abstains (`unknown length`). Who may not earn gets 0
/// (``EarningGate``).
public struct CosineLength: PseudoRewardRule {
    /// The two ends of a curve.
    public struct Curve: Sendable, Equatable {
        /// The reward at length 0.
        public var short: Double
        /// The reward at the limit.
        public var long: Double

        /// Makes a curve.
        public init(short: Double, long: Double) {
            self.short = short
            self.long = long
        }

        /// The value after a fraction of the way, from 0 to 1.
        func value(_ fraction: Double) -> Double {
            long + (short - long) * (1 + cos(.pi * fraction)) / 2
        }
    }

    /// The length, in tokens, at which the curves end.
    public let maxTokens: Int
    /// The rewards of accepted responses.
    public var correct: Curve
    /// The rewards of the others.
    public var wrong: Curve
    /// The reward at the limit and behind it.
    public var exceeded: Double
    /// Who may earn.
    public var gate: EarningGate
    private let base: RulePart

    /// Makes the rule.
    ///
    /// - Parameters:
    ///   - rule: says what is accepted.
    ///   - maxTokens: the limit; at least 1.
    ///   - correct: the rewards of accepted responses.
    ///   - wrong: the rewards of the others.
    ///   - exceeded: the reward from the limit on.
    ///   - gate: who may earn.
    public init(
        of rule: any PseudoRewardRule, maxTokens: Int, correct: Curve = Curve(short: 1, long: 0.5),
        wrong: Curve = Curve(short: 0, long: 0.25), exceeded: Double = 0,
        gate: EarningGate = EarningGate()
    ) {
        base = RulePart(rule: rule)
        self.maxTokens = max(1, maxTokens)
        self.correct = correct
        self.wrong = wrong
        self.exceeded = exceeded
        self.gate = gate
    }

    /// Reads `max_tokens`, `correct_short`, `correct_long`, `wrong_short`, `wrong_long`,
    /// `exceeded`, `needs_answer`, `cut` and the table `rule`.
    init(_ reader: ConfigurationReader, context: BuildContext) throws {
        maxTokens = try reader.int("max_tokens", default: 256, in: 1...1_048_576)
        correct = Curve(
            short: try reader.double("correct_short", default: 1, in: 0...1),
            long: try reader.double("correct_long", default: 0.5, in: 0...1))
        wrong = Curve(
            short: try reader.double("wrong_short", default: 0, in: 0...1),
            long: try reader.double("wrong_long", default: 0.25, in: 0...1))
        exceeded = try reader.double("exceeded", default: 0, in: 0...1)
        gate = try EarningGate(reader)
        let table = try reader.table("rule")
        base = RulePart(
            rule: try context.registry.make(
                .rule, from: table, default: "teacher-majority", context: context))
        reader.record("rule", table.resolved.value)
    }

    /// `cosine-length`.
    public var name: String { "cosine-length" }
    /// Whether the other rule reads gold.
    public var needsGold: Bool { base.rule.needsGold }

    /// Asks the other rule and looks at the lengths.
    ///
    /// - Throws: what the other rule throws, with its name.
    public func judge(_ group: ResponseGroup) async throws -> GroupJudgement {
        var judgement = try await base.judge(group)
        judgement.verdicts = group.responses.indices.map { place in
            verdict(
                judgement.verdicts[place], group.responses[place], answer: group.answers[place])
        }
        return judgement
    }

    private func verdict(_ base: Verdict, _ response: Response, answer: String?) -> Verdict {
        guard let reward = base.reward else { return base }
        guard gate.admits(response, answer: answer) else { return .reward(0) }
        guard let tokens = response.tokenCount else { return .abstain("unknown length") }
        guard tokens < maxTokens else { return .reward(exceeded) }
        let curve = reward >= 0.5 ? correct : wrong
        return .reward(curve.value(Double(max(0, tokens)) / Double(maxTokens)))
    }
}
