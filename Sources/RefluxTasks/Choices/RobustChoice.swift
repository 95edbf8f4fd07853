/// The letter that a response settles on, however it is marked; nothing where it is not marked.
///
/// What is looked at, from strong to weak; inside a level the last one wins, because models correct
/// themselves:
/// 1. markers with a letter behind them: `The answer is (C)`, `**Answer:** C`, `the correct option is
///    C.`, `\boxed{C}`, `\boxed{\text{C}}`;
/// 2. bold letters: `**C**`, `**(C) Hydrogen**`, `**C. Hydrogen**`;
/// 3. a last line that is a letter and nothing else: `(C)`, `C.`.
///
/// A letter counts only where no word goes on behind it ("Hydrogen" is not H), and a bare `A` or `I`
/// not where a sentence goes on in lower case ("the answer is A common mistake"). Thinking is removed
/// and run-on text cut first (``ResponseText``).
public struct RobustChoice: AnswerExtractor {
    /// Name and version.
    public static let identity = "robust-choice/1"

    private let levels: [TextPattern]

    /// Compiles the patterns.
    ///
    /// - Throws: never in practice: the patterns are fixed.
    public init() throws {
        let letter = #"(?:\(([A-J])\)|([A-J])(?![\w'’])(?!(?<=[AI]) +\p{Ll}))"#
        let marker =
            #"(?i:\b(?:answer|option|choice)\b(?: to (?:the|this) (?:question|problem))?"#
            + #"[\s*_]{0,8}(?:(?:is|was|would be|should be|must be|will be)\b|[:=])"#
            + #"(?:[\s*_:]{0,8}(?:most likely|probably|therefore|thus|indeed|clearly)\b,?)?"#
            + #"[\s*_:"$\[]{0,8}(?:(?:option|choice|letter)[\s:]{1,3})?)"#
        let wrapping = #"(?:\\(?:boxed|fbox|text|mathbf|textbf|mathrm)\{\s{0,3}){0,3}\*{0,2}"#
        levels = [
            try TextPattern("(?:\(marker)|(?=\\\\(?:boxed|fbox)\\{))\(wrapping)\(letter)"),
            try TextPattern(
                #"\*\*\s?(?:\(([A-J])\)|([A-J])(?=\s?\*\*|[.):]))[^*\n]{0,200}\*\*"#),
            try TextPattern(#"(?m:^)[ \t*_]{0,8}(?:\(([A-J])\)|([A-J]))[.)]?[ \t*_]{0,8}\s*+\z"#),
        ]
    }

    /// The letter and its match.
    public func trace(of response: String) -> AnswerTrace? {
        let part = ResponseText.choicePart(of: response)
        let text = String(decoding: part, as: UTF8.self)
        for (level, name) in zip(levels, ["marker", "bold", "last line"]) {
            guard let match = level.last(in: text) else { continue }
            let start = part.startIndex + match.range.lowerBound
            return (match[1] ?? match[2]).map {
                AnswerTrace(answer: $0, level: name, range: start..<start + match.range.count)
            }
        }
        return nil
    }

    /// What stands behind the thinking and before run-on text.
    public func scope(of response: String) -> Range<Int> {
        ResponseText.choicePart(of: response).indices
    }
}
