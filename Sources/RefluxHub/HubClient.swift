import Foundation
import RefluxCore
import RefluxNetwork
import Synchronization

/// Asks the hub for lists and files: redirects, the token, and what failed in passing.
///
/// The token goes to the endpoint alone (scheme, host and port), never to where it redirects.
///
/// **Threads.** Any.
final class HubClient: Sendable {
    /// What may work when it is asked again.
    struct PassingFailure: Error {
        /// In words.
        var reason: String
        /// The seconds that the server wants us to wait.
        var wait: Double?
        /// Whether something was gained, so that failures count from the beginning again.
        var madeProgress = false
    }

    /// The head of a reply, after redirects.
    struct Reply {
        /// The reply.
        let stream: ServerConnection.Stream
        /// Whether the endpoint itself gave it, and not a server to which it redirects.
        let isOfEndpoint: Bool
        /// The hash that the endpoint announces.
        let announced: String?
    }

    let endpoint: HubEndpoint
    let token: String?
    private let policy: RetryPolicy
    private let note: @Sendable (String) -> Void
    private let connection: ServerConnection
    private let wasReached = Mutex(false)

    /// Prepares requests; none is sent yet.
    ///
    /// - Parameters:
    ///   - endpoint: the server.
    ///   - token: what proves who asks.
    ///   - policy: how often and when requests are sent again.
    ///   - idle: the seconds in which a reply may bring nothing.
    ///   - note: told of every repetition.
    init(
        endpoint: HubEndpoint, token: String?, policy: RetryPolicy, idle: Double,
        note: @escaping @Sendable (String) -> Void
    ) {
        self.endpoint = endpoint
        self.token = token
        self.policy = policy
        self.note = note
        connection = ServerConnection(concurrency: 1, timeout: 60, idle: idle)
    }

    /// Asks for an address and follows redirects.
    ///
    /// - Throws: ``PassingFailure``; ``RefluxError``; `CancellationError`.
    func open(_ address: String, headers: [(String, String)] = []) async throws -> Reply {
        var address = address
        var announced: String?
        for _ in 0...10 {
            guard let url = URL(string: address, encodingInvalidCharacters: false) else {
                throw redirected(to: address)
            }
            let isOfEndpoint = endpoint.holds(url)
            let stream = try await get(address, headers + proof(isOfEndpoint))
            if isOfEndpoint {
                announced =
                    (stream[header: "x-linked-etag"] ?? stream[header: "etag"])
                    .map(Self.withoutQuotes) ?? announced
            }
            guard [301, 302, 303, 307, 308].contains(stream.status) else {
                return Reply(stream: stream, isOfEndpoint: isOfEndpoint, announced: announced)
            }
            guard let location = stream[header: "location"] else {
                throw redirected(to: "nowhere")
            }
            address = try next(location, from: url)
        }
        throw redirected(to: "ever new addresses")
    }

    /// Does something until it works, and waits in between.
    ///
    /// - Parameters:
    ///   - what: the thing that is wanted, for notes.
    ///   - random: the random numbers of the pauses.
    ///   - work: throws ``PassingFailure`` for what may work the next time.
    /// - Returns: what `work` returns.
    /// - Throws: ``RefluxError``; what else `work` throws.
    func retrying<Value>(
        _ what: String, random: RandomKey, _ work: () async throws -> Value
    ) async throws -> Value {
        var attempt = 0
        while true {
            do {
                return try await work()
            } catch let failure as PassingFailure {
                attempt = failure.madeProgress ? 1 : attempt + 1
                let wait = failure.wait ?? 0
                guard attempt <= policy.retries, wait <= policy.longestWait else {
                    throw exhausted(failure, what: what, attempts: attempt)
                }
                let pause = max(policy.pause(before: attempt, key: random), wait)
                note("\(what): \(failure.reason); asking again in \(Self.seconds(pause))")
                try await Task.sleep(for: .seconds(pause))
            }
        }
    }

    private func get(
        _ address: String, _ headers: [(String, String)]
    ) async throws -> ServerConnection.Stream {
        do {
            let stream = try await connection.get(address, headers: headers)
            wasReached.withLock { $0 = true }
            return stream
        } catch let failure as ServerConnection.Failure {
            if case .unreachable(let reason) = failure, !wasReached.withLock({ $0 }) {
                throw unreachable(reason)
            }
            throw PassingFailure(reason: failure.words)
        }
    }

    private func proof(_ isOfEndpoint: Bool) -> [(String, String)] {
        let agent = [("user-agent", "reflux/\(refluxVersion)")]
        guard isOfEndpoint, let token else { return agent }
        return agent + [("authorization", "Bearer \(token)")]
    }

    /// The address of a redirect (RFC 9110, 10.2.2), which is often relative to the endpoint.
    private func next(_ location: String, from url: URL) throws -> String {
        guard
            let next = URL(string: location, relativeTo: url)?.absoluteURL,
            let scheme = next.scheme?.lowercased(), ["http", "https"].contains(scheme),
            scheme == "https" || url.scheme?.lowercased() == "http"
        else { throw redirected(to: location) }
        // A signed address must stay as it is, byte for byte.
        return location.contains("://") ? location : next.absoluteString
    }

    /// `W/"abc"` and `"abc"` as `abc`.
    private static func withoutQuotes(_ tag: String) -> String {
        let strong = tag.hasPrefix("W/") ? tag.dropFirst(2) : Substring(tag)
        return strong.trimmingCharacters(in: CharacterSet(charactersIn: "\""))
    }

    private static func seconds(_ value: Double) -> String {
        String(format: value < 10 ? "%.1f s" : "%.0f s", value)
    }
}

extension ServerConnection.Failure {
    /// The reason in words.
    var words: String {
        switch self {
        case .unreachable(let reason): "the server is gone (\(reason))"
        case .broken(let reason): reason
        case .timedOut: "the server sends nothing"
        }
    }
}
