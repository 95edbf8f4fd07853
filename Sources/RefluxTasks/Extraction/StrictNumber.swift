/// The published strict reading of GSM8K: the number of the first `#### N`.
///
/// The pattern is OpenAI's (grade-school-math, `dataset.py`: `#### (\-?[0-9\.\,]+)`) and
/// lm-evaluation-harness' `strict-match` (task `gsm8k`, version 3.0). Bit-compatible with the
/// latter, whose comparison is ``PublishedComparison``: `#### $18` has no answer.
public struct StrictNumber: AnswerExtractor {
    /// Name and version.
    public static let identity = "strict-number/1"

    private let pattern: TextPattern
    private let takesLast: Bool

    /// Compiles the pattern.
    ///
    /// - Throws: never in practice: the pattern is fixed.
    public init() throws { try self.init(#"#### (\-?[0-9\.\,]+)"#, takesLast: false) }

    /// The strict reading of another published prompt.
    ///
    /// - Parameters:
    ///   - pattern: its regular expression, whose first group is the answer.
    ///   - takesLast: whether the last match counts and not the first.
    /// - Throws: `RefluxError` of kind `usage` for a wrong pattern.
    init(_ pattern: String, takesLast: Bool) throws {
        self.pattern = try TextPattern(pattern)
        self.takesLast = takesLast
    }

    /// The number behind the mark, as it stands in the response, and the match with its mark.
    public func trace(of response: String) -> AnswerTrace? {
        let match = takesLast ? pattern.last(in: response) : pattern.first(in: response)
        guard let match, let number = match[1] else { return nil }
        return AnswerTrace(answer: number, level: "marker", range: match.range)
    }
}
