import Foundation
import RefluxCore
import Synchronization

/// An answer on its way to the screen: what was shown of it, and how fast it came.
///
/// Safe to use from any thread.
final class ShownAnswer: Sendable {
    private struct State: Sendable {
        var stream: StreamedText
        var text = ""
        var tokens = 0
        var first: Double?
        var last = 0.0
    }

    private let write: @Sendable (String) -> Void
    private let start = Console.uptime()
    private let state: Mutex<State>

    /// Begins an answer.
    init(
        tokenizer: any Tokenizer, stops: [String], write: @escaping @Sendable (String) -> Void
    ) {
        self.write = write
        state = Mutex(State(stream: StreamedText(tokenizer: tokenizer, stops: stops)))
    }

    /// What was shown.
    var text: String { state.withLock { $0.text } }

    /// Takes a token and shows what can be shown.
    func add(_ token: Int32) {
        let now = Console.uptime()
        let text = state.withLock { state in
            state.tokens += 1
            state.first = state.first ?? now
            state.last = now
            let text = state.stream.add(token)
            state.text += text
            return text
        }
        if !text.isEmpty { write(text) }
    }

    /// Shows the rest of the whole answer.
    func finish(_ whole: String) {
        let rest = state.withLock { state in
            let rest = state.stream.finish(whole)
            state.text += rest
            return rest
        }
        if !rest.isEmpty { write(rest) }
    }

    /// `57 tokens, 23 tokens/s, the first after 0.4 s`; the rate is that of the tokens behind the
    /// first, which waits for the prompt.
    var speed: String {
        let (tokens, first, last) = state.withLock { ($0.tokens, $0.first, $0.last) }
        guard let first else { return "no tokens" }
        var words = "\(tokens) token\(tokens == 1 ? "" : "s")"
        if tokens > 1, last > first {
            words += String(format: ", %.1f tokens/s", Double(tokens - 1) / (last - first))
        }
        return words + String(format: ", the first after %.1f s", first - start)
    }
}
