import AsyncHTTPClient
package import Foundation
import NIOCore
import NIOHTTP1
import RefluxCore

/// The connections to one server.
///
/// **Threads.** Any. **Life.** Connections are kept for further requests and closed when this goes.
package final class ServerConnection: Sendable {
    /// One reply, whole.
    package struct Reply: Sendable {
        /// The status code of HTTP.
        package let status: Int
        /// The body.
        package let body: Data
        /// `Retry-After`.
        package let retryAfter: String?
        /// `Location`, where the server redirects.
        package let location: String?
    }

    /// Why there is no reply.
    package enum Failure: Error {
        /// Nobody listens, the name is unknown, or no trust could be established.
        case unreachable(String)
        /// The connection broke while the request was under way.
        case broken(String)
        /// The time was up.
        case timedOut
    }

    /// No answer is longer: 64 MiB hold the log-probabilities of several hundred thousand tokens.
    package static let largestBody = 64 << 20

    let client: HTTPClient
    let timeout: Double

    /// Prepares connections; none is made yet.
    ///
    /// - Parameters:
    ///   - concurrency: connections to a host at once.
    ///   - timeout: the seconds that a reply may take.
    ///   - idle: the seconds in which a reply may bring nothing; `nil` sets no such limit.
    package init(concurrency: Int, timeout: Double, idle: Double? = nil) {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .milliseconds(Int64(min(timeout, 10) * 1000))
        configuration.timeout.read = idle.map { .milliseconds(Int64($0 * 1000)) }
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = concurrency
        // A refused connection is told at once; when it is tried again is decided above.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(configuration: configuration)
        self.timeout = timeout
    }

    deinit { client.shutdown { _ in } }

    /// Sends a body and waits for the whole reply.
    ///
    /// - Throws: ``Failure``; `CancellationError`.
    package func post(_ body: Data, to url: String, headers: [(String, String)]) async throws
        -> Reply
    {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.headers.replaceOrAdd(name: "content-type", value: "application/json")
        request.headers.replaceOrAdd(name: "accept", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            return try await withDeadline { [client, request, timeout] in
                let deadline = NIODeadline.now() + .milliseconds(Int64(timeout * 1000))
                let response = try await client.execute(request, deadline: deadline)
                let buffer = try await response.body.collect(upTo: Self.largestBody)
                return Reply(
                    status: Int(response.status.code), body: Data(buffer.readableBytesView),
                    retryAfter: response.headers.first(name: "retry-after"),
                    location: response.headers.first(name: "location"))
            }
        } catch let error {
            try Task.checkCancellation()
            throw Self.failure(error)
        }
    }

    /// The client's own deadline ends with the head of the reply; this one holds for its body too.
    private func withDeadline(
        _ work: @escaping @Sendable () async throws -> Reply
    ) async throws -> Reply {
        try await withThrowingTaskGroup(of: Reply.self) { group in
            group.addTask(operation: work)
            group.addTask { [timeout] in
                try await Task.sleep(for: .seconds(timeout))
                throw Failure.timedOut
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw Failure.timedOut }
            return first
        }
    }

    static func failure(_ error: any Error) -> Failure {
        switch error {
        case let failure as Failure: failure
        case let error as HTTPClientError where timeouts.contains(error): .timedOut
        case let error as HTTPClientError where breaks.contains(error):
            .broken("the server closed the connection")
        case let error as IOError where [ECONNRESET, EPIPE].contains(error.errnoCode):
            .broken("the server reset the connection")
        case let error as HTTPParserError: .broken("the reply is not HTTP (\(error))")
        case is NIOTooManyBytesError:
            .broken("the reply is longer than \(largestBody >> 20) MiB")
        case let error as HTTPClientError where error == .connectTimeout:
            .unreachable("no connection within 10 seconds")
        default: .unreachable(reason(error))
        }
    }

    private static let timeouts: [HTTPClientError] = [
        .readTimeout, .writeTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout,
    ]
    private static let breaks: [HTTPClientError] = [
        .remoteConnectionClosed, .uncleanShutdown, .bodyLengthMismatch, .cancelled,
        .requestStreamCancelled,
    ]

    /// The reason of a failed connection in a few words, without the client's types.
    private static func reason(_ error: any Error) -> String {
        let text = "\(error)"
        let known = [
            ("refused", "connection refused"), ("unreachable", "the network is unreachable"),
            ("CERTIFICATE_VERIFY_FAILED", "its certificate is not trusted"),
            ("WRONG_VERSION_NUMBER", "it does not speak TLS: http instead of https?"),
            ("getaddrinfo", "the host's name is unknown"),
            ("unknown(host", "the host's name is unknown"),
            ("UnknownHost", "the host's name is unknown"),
        ]
        return known.first { text.contains($0.0) }?.1 ?? String(text.prefix(200))
    }
}
