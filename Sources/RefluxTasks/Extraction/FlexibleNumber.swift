/// The published flexible reading of GSM8K: the last thing in the response that looks like a
/// number.
///
/// Bit-compatible with lm-evaluation-harness' `flexible-extract` (task `gsm8k`, version 3.0):
/// `(-?[$0-9.,]{2,})|(-?[0-9]+)`, last match. Its known failures are kept: of `18 dollars...` it
/// takes the dots. Compared by ``PublishedComparison``.
public struct FlexibleNumber: AnswerExtractor {
    /// Name and version.
    public static let identity = "flexible-number/1"

    private let pattern: TextPattern

    /// Compiles the pattern.
    ///
    /// - Throws: never in practice: the pattern is fixed.
    public init() throws { pattern = try TextPattern(#"(-?[$0-9.,]{2,})|(-?[0-9]+)"#) }

    /// The last match, as it stands in the response.
    public func trace(of response: String) -> AnswerTrace? {
        guard let match = pattern.last(in: response), let number = match[0] else { return nil }
        return AnswerTrace(answer: number, level: "last number", range: match.range)
    }
}
