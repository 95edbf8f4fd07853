import Foundation
import RefluxCore
import RefluxNetwork
import Synchronization

/// Sends requests to a server of the OpenAI protocol until each is answered.
///
/// A request that failed in passing is sent again: 408, 429 and 5xx (but 501, 505), a connection
/// that broke, a time-out, a reply that was cut. `Retry-After` is obeyed, and pauses all requests.
/// Everything else ends the run at once with the server's own words.
///
/// **Threads.** Any number of requests at once.
final class OpenAIClient: Sendable {
    /// A request that the server will never answer as it is: 400, 413, 422.
    struct Refusal: Error {
        /// The status code of HTTP.
        let status: Int
        /// The server's words.
        let message: String
    }

    private let settings: OpenAISettings
    private let policy: RetryPolicy
    private let url: String
    private let key: String?
    private let connection: ServerConnection
    private let limits: RateLimits
    private let tally: SharedTally
    private let wasReached = Mutex(false)

    /// Prepares requests; none is sent yet.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` when the key's variable is missing.
    init(
        _ settings: OpenAISettings, policy: RetryPolicy, environment: [String: String],
        tally: SharedTally
    ) throws {
        self.settings = settings
        self.policy = policy
        self.tally = tally
        url = "\(settings.baseURL)/\(settings.api.path)"
        key = try Self.key(settings, environment: environment)
        connection = ServerConnection(
            concurrency: settings.concurrency, timeout: settings.timeout)
        limits = RateLimits(
            requestsPerMinute: settings.requestsPerMinute, tokensPerMinute: settings.tokensPerMinute
        )
    }

    /// Sends a request until it is answered.
    ///
    /// - Parameters:
    ///   - body: the request's body.
    ///   - tokens: how many tokens it may use, for the rate limits.
    ///   - random: the random numbers of its pauses.
    /// - Returns: the reply, and the seconds that its request took.
    /// - Throws: ``Refusal``; ``RefluxError``; `CancellationError`.
    func ask(
        _ body: Data, tokens: Double, random: RandomKey
    ) async throws -> (reply: ServerReply, seconds: Double) {
        var attempt = 0
        while true {
            let outcome = try await attemptOnce(body, tokens: tokens)
            if case .answered(let reply, let seconds) = outcome { return (reply, seconds) }
            guard case .failed(let reason, let wait) = outcome else { continue }
            attempt += 1
            guard attempt <= policy.retries else { throw exhausted(reason, attempts: attempt) }
            if let wait {
                guard wait <= policy.longestWait else { throw tooLong(wait, reason) }
                await limits.pause(for: wait)
            }
            let pause = policy.pause(before: attempt, key: random)
            try await Task.sleep(for: .seconds(max(pause, wait ?? 0)))
            tally.add { $0.retries += 1 }
        }
    }

    private enum Outcome {
        case answered(ServerReply, seconds: Double)
        /// In passing; with the seconds that the server wants us to wait.
        case failed(String, wait: Double?)
    }

    private func attemptOnce(_ body: Data, tokens: Double) async throws -> Outcome {
        let reserved = try await limits.admit(guess: tokens)
        tally.add { $0.requests += 1 }
        let clock = ContinuousClock()
        let start = clock.now
        do {
            let reply = try await connection.post(body, to: url, headers: headers)
            wasReached.withLock { $0 = true }
            let outcome = try read(reply, seconds: (clock.now - start) / .seconds(1))
            await limits.settle(reserved: reserved, used: used(outcome, guess: tokens))
            return outcome
        } catch {
            await limits.settle(reserved: reserved, used: nil)
            switch error as? ServerConnection.Failure {
            case .unreachable(let reason):
                guard wasReached.withLock({ $0 }) else { throw unreachable(reason) }
                return .failed("the server is gone (\(reason))", wait: nil)
            case .broken(let reason): return .failed(reason, wait: nil)
            case .timedOut:
                return .failed("no answer within \(seconds(settings.timeout))", wait: nil)
            case nil: throw error
            }
        }
    }

    /// The tokens that a request used; the guess where the server does not count them.
    private func used(_ outcome: Outcome, guess: Double) -> Double? {
        guard case .answered(let reply, _) = outcome else { return nil }
        guard let completion = reply.completionTokens else { return guess }
        return Double(completion + (reply.promptTokens ?? 0))
    }

    private func read(_ reply: ServerConnection.Reply, seconds: Double) throws -> Outcome {
        guard (200...299).contains(reply.status) else { return try failure(reply) }
        do {
            let parsed = try ServerReply(parsing: reply.body)
            tally.add {
                $0.promptTokens += parsed.promptTokens ?? 0
                $0.completionTokens += parsed.completionTokens ?? 0
            }
            return .answered(parsed, seconds: seconds)
        } catch let error as RefluxError {
            // Gateways wrap errors into a reply with status 200.
            let inner = ServerFailure(parsing: reply.body)
            if inner.isStructured {
                return try failure(inner, status: inner.status ?? 500, reply: reply)
            }
            // JSON that was cut or garbled may come whole the next time, a page of HTML will not.
            guard reply.body.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else {
                throw located(error)
            }
            return .failed(error.found, wait: nil)
        }
    }

    private func failure(_ reply: ServerConnection.Reply) throws -> Outcome {
        let failure = ServerFailure(parsing: reply.body)
        return try self.failure(failure, status: reply.status, reply: reply)
    }

    private func failure(
        _ failure: ServerFailure, status: Int, reply: ServerConnection.Reply
    ) throws -> Outcome {
        let message = withoutKey(failure.message)
        if status == 429 { tally.add { $0.rateLimited += 1 } }
        let isSpent = failure.code == "insufficient_quota" || failure.type == "insufficient_quota"
        if RetryPolicy.isPassing(status), !isSpent {
            let wait = reply.retryAfter.flatMap {
                RetryPolicy.seconds(retryAfter: $0, now: Date())
            }
            return .failed(Self.words(status, message), wait: wait)
        }
        if [400, 413, 422].contains(status) { throw Refusal(status: status, message: message) }
        throw refused(status, message, location: reply.location)
    }
}

// MARK: - Errors

extension OpenAIClient {
    private var place: SourceLocation { SourceLocation(path: url) }

    private func located(_ error: RefluxError) -> RefluxError {
        var error = error
        error.location = place
        error.found = withoutKey(error.found)
        return error
    }

    private func unreachable(_ reason: String) -> RefluxError {
        RefluxError(
            .system, found: "no server answers for the teacher \(settings.name): \(reason)",
            at: place, remedy: "Start the server, or correct base_url.")
    }

    private func exhausted(_ reason: String, attempts: Int) -> RefluxError {
        RefluxError(
            .system, found: "\(reason); the request was sent \(attempts) times", at: place,
            wanted: "an answer for the teacher \(settings.name)",
            remedy: "Look after the server and resume the run: what is answered is kept. Raise "
                + "retries or timeout, or lower concurrency, if it needs more time.")
    }

    private func tooLong(_ wait: Double, _ reason: String) -> RefluxError {
        RefluxError(
            .system, found: "the server wants a pause of \(seconds(wait)) (\(reason))", at: place,
            wanted: "at most \(seconds(policy.longestWait))",
            remedy: "Resume the run when the pause is over: what is answered is kept.")
    }

    private func refused(_ status: Int, _ message: String, location: String?) -> RefluxError {
        let remedy =
            switch status {
            case 300...399:
                "base_url should be the address to which it redirects"
                    + (location.map { ": \($0)." } ?? ".")
            case 401, 403:
                settings.keyVariable.map { "Check the key in the variable \($0)." }
                    ?? "The server wants a key: name the variable that holds it with api_key_env."
            case 402, 429: "Check the account's balance and limits."
            case 404, 405: "Check base_url, which usually ends in /v1, and model."
            default: "Read the server's log."
            }
        return RefluxError(
            .input, found: Self.words(status, message), at: place,
            wanted: "an answer for the teacher \(settings.name)", remedy: remedy)
    }

    /// `status 404: model "x" not found`.
    static func words(_ status: Int, _ message: String) -> String {
        message.isEmpty ? "status \(status)" : "status \(status): \(message)"
    }

    private func seconds(_ value: Double) -> String {
        value == value.rounded() ? "\(Int(value)) seconds" : "\(value) seconds"
    }
}

// MARK: - The key

extension OpenAIClient {
    private var headers: [(String, String)] {
        var headers = settings.headers.map { ($0.key, $0.value) }
        if let key {
            let isBearer = settings.keyHeader.lowercased() == "authorization"
            headers.append((settings.keyHeader, isBearer ? "Bearer \(key)" : key))
        }
        return headers
    }

    private static func key(
        _ settings: OpenAISettings, environment: [String: String]
    ) throws -> String? {
        guard let name = settings.keyVariable else { return nil }
        let value = (environment[name] ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        guard !value.isEmpty, OpenAISettings.isHeaderValue(value) else {
            throw RefluxError(
                .usage,
                found: value.isEmpty
                    ? "the environment variable \(name) is not set"
                    : "the environment variable \(name) holds characters that no key has",
                at: SourceLocation(path: "the teacher \(settings.name)", key: "api_key_env"),
                wanted: "the key of \(settings.baseURL)",
                remedy: "For instance: export \(name)=…, in the shell that runs reflux.")
        }
        return value
    }

    /// Servers repeat wrong keys in their messages.
    private func withoutKey(_ text: String) -> String {
        key.map { text.replacing($0, with: "[the key]") } ?? text
    }
}
