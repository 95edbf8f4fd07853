/// The answer of a worked solution as a number in normal form, however it is marked.
///
/// What is looked at, from strong to weak; inside a level the last one that holds a number wins:
/// 1. markers: `#### 18`, `\boxed{18}`, `The answer is 18`, `**Answer:** 18`, `A: 18`;
/// 2. bold text that is or ends in a result: `**$18**`, `**Total = 18**`;
/// 3. where `lastNumber` is set, the last number of the text.
///
/// Before that, thinking (`</think>`) is removed and run-on text is cut (``ResponseText``).
/// Currency signs, `%`, thousands commas and trailing zeros do not matter: equal numbers have equal
/// texts, which rules compare and count as votes.
public struct RobustNumber: AnswerExtractor {
    /// Name and version.
    public static let identity = "robust-number/1"

    private let lastNumber: Bool
    private let markers: TextPattern
    private let bold: TextPattern

    /// Compiles the patterns.
    ///
    /// - Parameter lastNumber: whether a text without a marked answer gives its last number.
    ///   Loosely read answers are worth having when a model never marks its answers, and cost
    ///   label accuracy when it does.
    /// - Throws: never in practice: the patterns are fixed.
    public init(lastNumber: Bool = true) throws {
        self.lastNumber = lastNumber
        markers = try TextPattern(
            #"####|\\(?:boxed|fbox)\{|(?m:^)[ \t]*A:"#
                + #"|(?i:\banswer\b(?: to (?:the|this) (?:question|problem))?"#
                + #"[\s*_]*+(?:(?:is|was|equals|are|will be|would be)\b|[:=]))"#)
        bold = try TextPattern(#"\*\*([^*\n]{1,200})\*\*"#)
    }

    /// The answer in normal form, and where its marker, its bold text or its last number stands.
    public func trace(of response: String) -> AnswerTrace? {
        let bytes = ResponseText.answerPart(of: response)
        let text = String(decoding: bytes, as: UTF8.self)
        if var found = marked(text) ?? inBold(text) {
            let start = bytes.startIndex + found.range.lowerBound
            found.range = start..<start + found.range.count
            return found
        }
        guard lastNumber, let found = lastNumber(in: bytes) else { return nil }
        return AnswerTrace(answer: found.canonical, level: "last number", range: found.range)
    }

    /// What stands behind the thinking and before run-on text.
    public func scope(of response: String) -> Range<Int> {
        ResponseText.answerPart(of: response).indices
    }

    private func marked(_ text: String) -> AnswerTrace? {
        let bytes = Array(text.utf8)
        // A marker's text ends where the next marker begins: that keeps the work linear.
        var end = bytes.count
        for marker in markers.all(in: text).reversed() {
            let scope = bytes[marker.range.upperBound..<end]
            if let number = MarkedScope(scope).number(behind: marker[0] ?? "") {
                return AnswerTrace(answer: number, level: "marker", range: marker.range)
            }
            end = marker.range.lowerBound
        }
        return nil
    }

    private func inBold(_ text: String) -> AnswerTrace? {
        for match in bold.all(in: text).reversed() {
            guard let content = match[1], !isHeading(content) else { continue }
            if let number = MarkedScope(Array(content.utf8)[...]).result {
                return AnswerTrace(answer: number, level: "bold", range: match.range)
            }
        }
        return nil
    }

    /// `**Step 1**`, `**2. Costs**`, `**Total cost:**`.
    private func isHeading(_ content: String) -> Bool {
        let words = content.split(separator: " ")
        guard let first = words.first else { return true }
        let numbered =
            words.count > 1 && (first.hasSuffix(".") || first.hasSuffix(")"))
            && first.utf8.first.map { $0 >= 0x30 && $0 <= 0x39 } == true
        return numbered || content.hasSuffix(":") || first.lowercased() == "step"
    }

    /// No number goes over a line's end, so the last line with a digit is enough.
    private func lastNumber(in bytes: ArraySlice<UInt8>) -> NumberScanner.Found? {
        guard let digit = bytes.lastIndex(where: { $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        let before = bytes[..<digit].lastIndex(of: 0x0A)
        var scanner = NumberScanner(bytes[(before ?? bytes.startIndex)...])
        return scanner.last()
    }
}
