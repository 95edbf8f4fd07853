package import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server on this machine that replies as a script says, for faults that no real server
/// makes on demand.
package final class ScriptedServer: Sendable {
    /// A request as it came.
    package struct Request: Sendable {
        package let path: String
        package let headers: [String: String]
        package let body: Data

        /// A field of the body; `nil` when it is not there.
        package subscript(key: String) -> Any? {
            (try? JSONSerialization.jsonObject(with: body) as? [String: Any])?[key]
        }

        package var seed: Int { self["seed"] as? Int ?? -1 }
        package var count: Int { self["n"] as? Int ?? 1 }

        /// The last message, or the prompt.
        package var question: String {
            let messages = self["messages"] as? [[String: String]]
            return messages?.last?["content"] ?? self["prompt"] as? String ?? ""
        }
    }

    /// What the server does about a request.
    package enum Action: Sendable {
        /// Replies.
        case reply(Int, String, [String: String] = [:])
        /// Replies with bytes.
        case bytes(Int, Data, [String: String])
        /// Replies with bytes, but promises so many more, and closes the connection.
        case part(Int, Data, missing: Int, [String: String])
        /// Replies with bytes, so many of them at a time, each time after so many seconds.
        case slow(Int, Data, piece: Int, seconds: Double, [String: String])
        /// Replies after so many seconds.
        case late(Double, String)
        /// Promises a longer body than it sends, and closes the connection.
        case cut(String)
        /// Sends this much of a body, and then nothing more.
        case stall(String)
        /// Sends nothing.
        case hang
        /// Closes the connection without a word.
        case close
    }

    /// Decides, given the number of the request from 0.
    package typealias Script = @Sendable (_ number: Int, _ request: Request) -> Action

    private let book: Book
    private let channel: any Channel

    package init(_ script: @escaping Script) async throws {
        let book = Book(script)
        self.book = book
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Exchange(book))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    /// Runs something against a server and stops it.
    package static func serving<Value>(
        _ script: @escaping Script, _ body: (ScriptedServer) async throws -> Value
    ) async throws -> Value {
        let server = try await ScriptedServer(script)
        do {
            let value = try await body(server)
            try await server.stop()
            return value
        } catch {
            try await server.stop()
            throw error
        }
    }

    package func stop() async throws { try await channel.close() }

    /// The address up to the version.
    package var url: String { "\(origin)/v1" }

    /// The address up to the port.
    package var origin: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    /// The requests so far.
    package var requests: [Request] { book.state.withLock { $0.requests } }

    /// The most requests that were under way at once.
    package var busiest: Int { book.state.withLock { $0.busiest } }
}

/// What came in, shared by all connections.
private final class Book: Sendable {
    struct State {
        var requests: [ScriptedServer.Request] = []
        var open = 0
        var busiest = 0
    }

    let script: ScriptedServer.Script
    let state = Mutex(State())

    init(_ script: @escaping ScriptedServer.Script) { self.script = script }

    func begin(_ request: ScriptedServer.Request) -> ScriptedServer.Action {
        let number = state.withLock { state in
            state.requests.append(request)
            state.open += 1
            state.busiest = max(state.busiest, state.open)
            return state.requests.count - 1
        }
        return script(number, request)
    }

    func end() { state.withLock { $0.open -= 1 } }
}

/// One connection.
private final class Exchange: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let book: Book
    private var head: HTTPRequestHead?
    private var body = Data()

    init(_ book: Book) { self.book = book }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = Data()
        case .body(let part): body.append(contentsOf: part.readableBytesView)
        case .end:
            guard let head else { return }
            let headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { $1 }
            carryOut(
                book.begin(.init(path: head.uri, headers: headers, body: body)), in: context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func carryOut(_ action: ScriptedServer.Action, in context: ChannelHandlerContext) {
        switch action {
        case .reply(let status, let text, let headers):
            send(status, Data(text.utf8), headers: headers, in: context)
        case .bytes(let status, let bytes, let headers):
            send(status, bytes, headers: headers, in: context)
        case .part(let status, let bytes, let missing, let headers):
            send(status, bytes, missing: missing, headers: headers, in: context)
            if missing > 0 { context.close(promise: nil) }
        case .slow(let status, let bytes, let piece, let seconds, let headers):
            sendHead(status, length: bytes.count, headers: headers, in: context)
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            Self.send(bytes, piece: piece, seconds: seconds, from: 0, in: bound)
        case .late(let seconds, let text):
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: .milliseconds(Int64(seconds * 1000))) {
                let (exchange, context) = bound.value
                exchange.send(200, Data(text.utf8), headers: [:], in: context)
            }
        case .cut(let text):
            send(200, Data(text.utf8), missing: 100, headers: [:], in: context)
            context.close(promise: nil)
        case .stall(let text): send(200, Data(text.utf8), missing: 100, headers: [:], in: context)
        case .hang: break
        case .close:
            book.end()
            context.close(promise: nil)
        }
    }

    private func send(
        _ status: Int, _ body: Data, missing: Int = 0, headers: [String: String],
        in context: ChannelHandlerContext
    ) {
        sendHead(status, length: body.count + missing, headers: headers, in: context)
        context.writeAndFlush(
            wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        if missing == 0 { context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
    }

    private func sendHead(
        _ status: Int, length: Int, headers: [String: String], in context: ChannelHandlerContext
    ) {
        book.end()
        var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status))
        head.headers.add(name: "content-length", value: "\(length)")
        head.headers.add(name: "content-type", value: "application/json")
        for (name, value) in headers { head.headers.replaceOrAdd(name: name, value: value) }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    private static func send(
        _ body: Data, piece: Int, seconds: Double, from start: Int,
        in bound: NIOLoopBound<(Exchange, ChannelHandlerContext)>
    ) {
        let (exchange, context) = bound.value
        guard context.channel.isActive else { return }
        guard start < body.count else {
            context.writeAndFlush(exchange.wrapOutboundOut(.end(nil)), promise: nil)
            return
        }
        let end = min(body.count, start + piece)
        let bytes = ByteBuffer(bytes: body.dropFirst(start).prefix(end - start))
        context.writeAndFlush(exchange.wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
        context.eventLoop.scheduleTask(in: .milliseconds(Int64(seconds * 1000))) {
            send(body, piece: piece, seconds: seconds, from: end, in: bound)
        }
    }
}
