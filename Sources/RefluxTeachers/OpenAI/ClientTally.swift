import Synchronization

/// What a client has done so far: for metrics and for a line to people.
struct ClientTally: Sendable, Equatable {
    /// Requests that were sent, repeated ones included.
    var requests = 0
    /// Those that were sent again.
    var retries = 0
    /// Those that the server was too busy for: 429.
    var rateLimited = 0
    /// Requests that the server refused for what they ask.
    var refused = 0
    /// Responses that the server gave.
    var answered = 0
    /// Answers that came from the cache.
    var cached = 0
    /// Answers that a filter of the server cut or kept back.
    var filtered = 0
    /// Answers that should have had log-probabilities.
    var withoutLogProbabilities = 0
    /// Tokens of prompts, as far as the server counted them.
    var promptTokens = 0
    /// Generated tokens, likewise.
    var completionTokens = 0

    /// What the tokens cost.
    func cost(_ price: OpenAISettings.Price) -> Double {
        (Double(promptTokens) * price.prompt + Double(completionTokens) * price.completion) / 1e6
    }

    /// The numbers by their names in `metrics.jsonl`.
    func metrics(price: OpenAISettings.Price?) -> [String: Double] {
        var values = [
            "requests": requests, "retries": retries, "rate_limited": rateLimited,
            "refused_requests": refused, "cached_responses": cached, "filtered": filtered,
            "prompt_tokens": promptTokens, "completion_tokens": completionTokens,
        ].mapValues(Double.init)
        if let price { values["cost"] = cost(price) }
        return values
    }

    /// What was added since an earlier tally.
    func since(_ earlier: ClientTally) -> ClientTally {
        ClientTally(
            requests: requests - earlier.requests, retries: retries - earlier.retries,
            rateLimited: rateLimited - earlier.rateLimited, refused: refused - earlier.refused,
            answered: answered - earlier.answered, cached: cached - earlier.cached,
            filtered: filtered - earlier.filtered,
            withoutLogProbabilities: withoutLogProbabilities - earlier.withoutLogProbabilities,
            promptTokens: promptTokens - earlier.promptTokens,
            completionTokens: completionTokens - earlier.completionTokens)
    }

    /// One line for people.
    func summary(price: OpenAISettings.Price?) -> String {
        var parts = ["\(requests) requests"]
        if retries > 0 { parts.append("\(retries) of them repeated") }
        if rateLimited > 0 { parts.append("\(rateLimited) refused by a rate limit (429)") }
        if cached > 0 { parts.append("\(cached) responses from the cache") }
        if refused > 0 { parts.append("\(refused) refused by the server and left out") }
        if filtered > 0 {
            parts.append("\(filtered) responses kept back by a filter of the server")
        }
        parts.append("\(promptTokens) prompt and \(completionTokens) generated tokens")
        if let price { parts.append("cost \(rounded(cost(price)))") }
        return parts.joined(separator: ", ")
    }

    private func rounded(_ value: Double) -> String {
        "\((value * 1e4).rounded() / 1e4)"
    }
}

/// A tally that many requests add to at once.
final class SharedTally: Sendable {
    private let tally = Mutex(ClientTally())

    /// Makes one in which nothing is counted yet.
    init() {}

    /// What is counted so far.
    var current: ClientTally { tally.withLock { $0 } }

    /// Counts something.
    func add(_ change: (inout ClientTally) -> Void) { tally.withLock { change(&$0) } }
}
