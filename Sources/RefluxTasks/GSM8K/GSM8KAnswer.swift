import RefluxCore

/// The dataset's worked answers: gold number and calculator marks.
enum GSM8KAnswer {
    /// The number behind the last marker, in normal form.
    ///
    /// - Throws: `RefluxError` of kind `input` when there is none, or no number.
    static func gold(
        of answer: String, behind marker: String = "####", at place: SourceLocation
    ) throws -> String {
        let parts = answer.split(separator: marker, omittingEmptySubsequences: false)
        guard parts.count > 1, let last = parts.last else {
            throw RefluxError(
                .input, found: "no gold answer: the answer has no \"\(marker)\" and a number",
                at: place,
                remedy: "Correct or remove the line.")
        }
        let text = last.trimming()
        guard let gold = CanonicalNumber.text(of: text) else {
            throw RefluxError(
                .input, found: "the gold answer behind \"\(marker)\" is \"\(text)\"", at: place,
                wanted: "a number")
        }
        return gold
    }

    /// The answer without its calculator marks: each `<<` up to the next `>>` of its line, as the
    /// regular expression `<<.*?>>` deletes them. Linear time.
    static func withoutCalculatorMarks(_ answer: String) -> String {
        answer.split(separator: "\n", omittingEmptySubsequences: false)
            .map(withoutMarks).joined(separator: "\n")
    }

    private static func withoutMarks(_ line: Substring) -> String {
        let pieces = line.split(separator: ">>", omittingEmptySubsequences: false)
        var text = ""
        for (index, piece) in pieces.enumerated() {
            let isLast = index == pieces.count - 1
            let parts = piece.split(
                separator: "<<", maxSplits: 1, omittingEmptySubsequences: false)
            if isLast {
                text += piece
            } else if parts.count == 2 {
                text += parts[0]
            } else {
                text += piece + ">>"
            }
        }
        return text
    }
}

extension Substring {
    /// The text without white space at its ends.
    fileprivate func trimming() -> String {
        let start = drop { $0.isWhitespace }
        let end = start.lastIndex { !$0.isWhitespace }
        return end.map { String(start[...$0]) } ?? ""
    }
}
