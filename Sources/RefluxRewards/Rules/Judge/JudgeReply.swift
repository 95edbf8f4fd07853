import RefluxCore

/// Reads the verdict of a judge strictly: its last line that is not blank has to be the demanded
/// line, and the reply must not have been cut, since `Score: 1` may have been on its way to `Score:
/// 10`.
enum JudgeReply {
    /// The score, from 0 to 1; `nil` where the reply has none.
    static func score(_ reply: Response) -> Double? {
        guard let text = verdict(reply, "Score: "), let first = text.utf8.first,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text.utf8.count < 3,
            text.utf8.count == 1 || first != 0x30, let score = Int(text), score <= 10
        else { return nil }
        return Double(score) / 10
    }

    /// What the first answer of a comparison gets: 1, 0, or 1/2 for a tie; `nil` where the reply
    /// does not say.
    static func preference(_ reply: Response) -> Double? {
        switch verdict(reply, "Better: ") {
        case "A": 1
        case "B": 0
        case "tie": 0.5
        default: nil
        }
    }

    private static func verdict(_ reply: Response, _ head: String) -> String? {
        guard reply.finish != .length,
            let line = reply.text.split(whereSeparator: \.isNewline).last(where: {
                $0.contains { !$0.isWhitespace }
            })
        else { return nil }
        let words = line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.hasPrefix(head) ? String(words.dropFirst(head.count)) : nil
    }
}
