public import RefluxCore

/// The soft overlong punishment of DAPO (arXiv 2503.14476, equation 13), moved from [-1, 0] to [0,
/// 1]: 1 up to `maxTokens - buffer` tokens, falling in a straight line to 0 at `maxTokens`, and 0
/// behind it.
///
/// Moved by 1 it has the same differences between responses, which is all that reinforcement sees.
/// A response whose number of tokens is not recorded abstains (`unknown length`). Who may not earn
/// gets 0 (``EarningGate``), a response that was cut among them. There is no label. Metrics:
/// `mean`, `barred`.
public struct OverlongPenalty: PseudoRewardRule {
    /// The length, in tokens, from which on nothing is earned.
    public let maxTokens: Int
    /// The tokens before it over which the reward falls.
    public let buffer: Int
    /// Who may earn.
    public var gate: EarningGate

    /// Makes the rule.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` unless `maxTokens` is positive and `buffer` from 0
    ///   to `maxTokens`.
    public init(maxTokens: Int, buffer: Int, gate: EarningGate = EarningGate()) throws {
        guard maxTokens > 0, (0...maxTokens).contains(buffer) else {
            throw RefluxError(
                .usage, found: "a limit of \(maxTokens) tokens with a buffer of \(buffer)",
                wanted: "a buffer within the limit")
        }
        self.maxTokens = maxTokens
        self.buffer = buffer
        self.gate = gate
    }

    /// Reads `max_tokens`, `buffer`, `needs_answer` and `cut`.
    init(_ reader: ConfigurationReader) throws {
        let maxTokens = try reader.int("max_tokens", default: 256, in: 1...1_048_576)
        let buffer = try reader.int("buffer", default: 64, in: 0...1_048_576)
        guard buffer <= maxTokens else {
            throw reader.wrong("buffer", wanted: "at most max_tokens, which is \(maxTokens)")
        }
        try self.init(maxTokens: maxTokens, buffer: buffer, gate: EarningGate(reader))
    }

    /// `overlong`.
    public var name: String { "overlong" }

    /// Compares lengths. Constant time a response.
    public func judge(_ group: ResponseGroup) -> GroupJudgement {
        gate.judge(group) { response in
            response.tokenCount.map { .reward(reward(tokens: $0)) } ?? .abstain("unknown length")
        }
    }

    /// The reward of a response of so many tokens.
    func reward(tokens: Int) -> Double {
        if tokens <= maxTokens - buffer { return 1 }
        return tokens < maxTokens ? Double(maxTokens - tokens) / Double(buffer) : 0
    }
}
