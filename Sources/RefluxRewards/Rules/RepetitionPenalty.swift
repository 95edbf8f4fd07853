public import RefluxCore

/// The fraction of a response's n-grams of words that are different: 1 where none comes twice, near
/// 0 where one is repeated on and on (the repetition penalty of arXiv 2502.03373, appendix C.2, as
/// 1 - penalty).
///
/// Words are what white space separates, in lower case. A response of fewer than n words repeats
/// nothing and gets 1. Who may not earn gets 0 (``EarningGate``). There is no label. Metrics:
/// `mean`, `barred`.
public struct RepetitionPenalty: PseudoRewardRule {
    /// The words of an n-gram.
    public let words: Int
    /// Who may earn.
    public var gate: EarningGate

    /// Makes the rule; an n-gram has at least one word.
    public init(words: Int = 3, gate: EarningGate = EarningGate()) {
        self.words = max(1, words)
        self.gate = gate
    }

    /// Reads `ngram`, `needs_answer` and `cut`.
    init(_ reader: ConfigurationReader) throws {
        words = try reader.int("ngram", default: 3, in: 1...1000)
        gate = try EarningGate(reader)
    }

    /// `repetition`.
    public var name: String { "repetition" }

    /// Counts n-grams. The product of the words of a response and of an n-gram.
    public func judge(_ group: ResponseGroup) -> GroupJudgement {
        gate.judge(group) { .reward(reward(text: $0.text)) }
    }

    /// The reward of a text.
    func reward(text: String) -> Double {
        let all = text.lowercased().split(whereSeparator: \.isWhitespace)
        guard all.count >= words else { return 1 }
        let grams = (0...all.count - words).map { all[$0..<$0 + words] }
        return Double(Set(grams).count) / Double(grams.count)
    }
}
