/// The published strict reading of GSM8K: the number of the first `#### N`.
///
/// The pattern is OpenAI's (grade-school-math, `dataset.py`: `#### (\-?[0-9\.\,]+)`) and
/// lm-evaluation-harness' `strict-match` (task `gsm8k`, version 3.0). Bit-compatible with the
/// latter, whose comparison is ``PublishedComparison``: `#### $18` has no answer.
public struct StrictNumber: AnswerExtractor {
    /// Name and version.
    public static let identity = "strict-number/1"

    private let pattern: TextPattern

    /// Compiles the pattern.
    ///
    /// - Throws: never in practice: the pattern is fixed.
    public init() throws { pattern = try TextPattern(#"#### (\-?[0-9\.\,]+)"#) }

    /// The number behind the first mark, as it stands in the response.
    public func answer(in response: String) -> String? {
        pattern.first(in: response)?[1]
    }
}
