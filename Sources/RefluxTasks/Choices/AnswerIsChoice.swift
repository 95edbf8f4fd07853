/// The reading of lm-evaluation-harness' `mmlu_pro` (version 3.1, filter `custom-extract`): the letter
/// of the first `answer is (X)`.
///
/// There is no boundary behind the letter: "answer is Hydrogen" reads as H. Bit-compatible, faults
/// included.
public struct AnswerIsChoice: AnswerExtractor {
    /// Name and version.
    public static let identity = "answer-is-choice/1"

    private let pattern: TextPattern

    /// Compiles the pattern.
    ///
    /// - Throws: never in practice: the pattern is fixed.
    public init() throws { pattern = try TextPattern(#"answer is \(?([A-J])\)?"#) }

    /// The letter and its match.
    public func trace(of response: String) -> AnswerTrace? {
        guard let match = pattern.first(in: response), let letter = match[1] else { return nil }
        return AnswerTrace(answer: letter, level: "answer is", range: match.range)
    }
}
