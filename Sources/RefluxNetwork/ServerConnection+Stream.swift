import AsyncHTTPClient
package import Foundation
import NIOCore
import NIOHTTP1

extension ServerConnection {
    /// A reply whose body comes in parts.
    package struct Stream: Sendable {
        /// The status code of HTTP.
        package let status: Int
        private let headers: HTTPHeaders
        private let body: HTTPClientResponse.Body

        init(_ response: HTTPClientResponse) {
            status = Int(response.status.code)
            headers = response.headers
            body = response.body
        }

        /// The first header of a name, in any case.
        package subscript(header name: String) -> String? { headers.first(name: name) }

        /// Hands out the body as it comes.
        ///
        /// - Throws: ``Failure``; `CancellationError`; what `part` throws.
        package func forEach(_ part: (Data) throws -> Void) async throws {
            var parts = body.makeAsyncIterator()
            while let bytes = try await next(&parts) { try part(bytes) }
            // A cancelled sequence ends as if it were whole.
            try Task.checkCancellation()
        }

        /// The whole body, of at most ``ServerConnection/largestBody`` bytes.
        ///
        /// - Throws: ``Failure``; `CancellationError`.
        package func collect() async throws -> Data {
            var whole = Data()
            try await forEach { part in
                guard whole.count + part.count <= largestBody else {
                    throw Failure.broken("the reply is longer than \(largestBody >> 20) MiB")
                }
                whole += part
            }
            return whole
        }

        private func next(
            _ parts: inout HTTPClientResponse.Body.AsyncIterator
        ) async throws -> Data? {
            do {
                return try await parts.next().map { Data($0.readableBytesView) }
            } catch {
                try Task.checkCancellation()
                throw ServerConnection.failure(error)
            }
        }
    }

    /// Asks for an address and returns when the head of the reply is there.
    ///
    /// Redirects are not followed. A body that nobody reads is dropped with its connection.
    ///
    /// - Throws: ``Failure``; `CancellationError`.
    package func get(_ url: String, headers: [(String, String)]) async throws -> Stream {
        var request = HTTPClientRequest(url: url)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        do {
            let deadline = NIODeadline.now() + .milliseconds(Int64(timeout * 1000))
            return Stream(try await client.execute(request, deadline: deadline))
        } catch {
            try Task.checkCancellation()
            throw Self.failure(error)
        }
    }
}
