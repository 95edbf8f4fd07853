/// The reading of MMLU-Pro's own script in three levels (TIGER-AI-Lab/MMLU-Pro, the version behind the
/// published outputs): the first `answer is (X)`; else the last `Answer: X` of the line that has the
/// first one; else the last letter that stands alone.
///
/// Bit-compatible, faults included: the last level takes the article "A" and the pronoun "I". Two of
/// the script's patterns take quadratic time (`.*[aA]nswer:\s*([A-J])` and a look-ahead over the rest
/// of the text); these find the same in linear time.
public struct OfficialChoice: AnswerExtractor {
    /// Name and version.
    public static let identity = "official-choice/1"

    /// Which pattern found the letter.
    public enum Level: Int, Sendable, CaseIterable {
        /// `answer is (X)`.
        case answerIs = 1
        /// `Answer: X`.
        case answerColon = 2
        /// The last letter that stands alone.
        case lastLetter = 3

        /// The level in words for people.
        public var name: String {
            switch self {
            case .answerIs: "answer is"
            case .answerColon: "answer:"
            case .lastLetter: "last letter"
            }
        }
    }

    private let answerIs: AnswerIsChoice
    private let answerColon: TextPattern
    private let letter: TextPattern

    /// Compiles the patterns.
    ///
    /// - Throws: never in practice: the patterns are fixed.
    public init() throws {
        answerIs = try AnswerIsChoice()
        answerColon = try TextPattern(#"[aA]nswer:(?=\s*([A-J]))"#)
        letter = try TextPattern(#"\b[A-J]\b"#)
    }

    /// The letter and its match.
    public func trace(of response: String) -> AnswerTrace? {
        reading(of: response).map {
            AnswerTrace(answer: $0.letter, level: $0.level.name, range: $0.range)
        }
    }

    /// The letter, the pattern that found it, and where that matches in UTF-8 bytes.
    public func reading(
        of response: String
    ) -> (letter: String, level: Level, range: Range<Int>)? {
        if let found = answerIs.trace(of: response) {
            return (found.answer, .answerIs, found.range)
        }
        if let match = lastOfFirstLine(in: response), let letter = match[1] {
            return (letter, .answerColon, match.range)
        }
        guard let match = letter.last(in: response), let letter = match[0] else { return nil }
        return (letter, .lastLetter, match.range)
    }

    /// `.*` is greedy and stays in its line: the last match that begins on the line of the first.
    private func lastOfFirstLine(in response: String) -> TextMatch? {
        let matches = answerColon.all(in: response)
        guard let first = matches.first else { return nil }
        let behind = response.utf8.dropFirst(first.range.lowerBound)
        let end =
            first.range.lowerBound
            + (behind.firstIndex(of: 0x0A).map {
                response.utf8.distance(from: behind.startIndex, to: $0)
            } ?? behind.count)
        return matches.last { $0.range.lowerBound < end }
    }
}
