import Foundation
import RefluxCore

/// What an answer of a server becomes: its text without stop texts, and why it ended.
struct AnsweredSample: Sendable, Equatable {
    /// The text up to the first stop text.
    let text: String
    /// Why generation ended, as far as Reflux tells it apart.
    let finish: Response.FinishReason
    /// Whether a filter of the server kept the answer back or cut it.
    let isFiltered: Bool

    /// Reads an answer.
    ///
    /// - Parameters:
    ///   - choice: the answer.
    ///   - stops: the texts at which it ends; some servers keep them.
    init(_ choice: ServerReply.Choice, stops: [String]) {
        text = Self.cut(choice.text, at: stops)
        let wasCut = text.utf8.count < choice.text.utf8.count
        isFiltered = choice.finish == "content_filter"
        finish =
            switch choice.finish {
            case _ where wasCut: .stop
            case "stop", "eos", "eos_token", "stop_sequence", "end_turn": .stop
            case "length", "max_tokens": .length
            // A filter, a call of a tool, or nothing said.
            default: .unknown
            }
    }

    /// The text before the earliest stop text.
    private static func cut(_ text: String, at stops: [String]) -> String {
        let first = stops.compactMap { text.range(of: $0, options: .literal)?.lowerBound }.min()
        return first.map { String(text[..<$0]) } ?? text
    }
}
