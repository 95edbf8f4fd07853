import RefluxCore

/// A worker process, held by its host: sends requests, receives answers, and finds out how it died.
///
/// Used by one thread at a time, the one on the queue of its ``WorkerSlot``.
final class WorkerProcess: @unchecked Sendable {
    let id: Int32
    let socket: Int32
    let words: LastWords
    let memoryLimit: Int
    var hello: WorkerHello?
    var output: WorkerOutput
    private var buffer = FrameBuffer()
    private var writer = WireWriter()
    private var sequence: UInt32 = 0
    var isOver = false

    /// Starts a process.
    ///
    /// - Throws: ``WorkerFailure/start(_:)``.
    init(_ options: IsolatedPlugin.Options) throws(WorkerFailure) {
        guard let words = LastWords(), let sockets = WorkerSystem.socketPair() else {
            throw .start(WorkerSystem.message())
        }
        guard let pipe = WorkerSystem.outputPipe() else {
            let reason = WorkerSystem.message()
            [sockets.host, sockets.worker].forEach(WorkerSystem.close)
            throw .start(reason)
        }
        let process = WorkerSystem.start(
            options.executable, arguments: options.arguments,
            environment: WorkerEnvironment.variables, socket: sockets.worker, output: pipe.worker,
            lastWords: words.descriptor)
        [sockets.worker, pipe.worker].forEach(WorkerSystem.close)
        words.closeDescriptor()
        guard process > 0 else {
            [sockets.host, pipe.host].forEach(WorkerSystem.close)
            throw .start("\(options.executable): \(WorkerSystem.message(-process))")
        }
        id = process
        socket = sockets.host
        self.words = words
        memoryLimit = options.memoryLimit
        output = WorkerOutput(pipe.host)
    }

    deinit {
        if !isOver { _ = end(listener: nil) }
    }

    /// Receives the worker's greeting.
    func greet(limit: Duration, listener: Listener) throws(WorkerFailure) {
        do throws(WorkerFailure) {
            let frame = try receive(
                Deadline(limit), nil, sequence: 0, sent: { true }, listener: listener)
            var reader = frame.payload
            let hello = try Self.decoded { () throws(WireError) in
                try reader.read(WorkerHello.self)
            }
            guard hello.version == WorkerProtocol.version else {
                throw WorkerFailure.nonsense("protocol \(hello.version)")
            }
            self.hello = hello
        } catch {
            switch error {
            case .death(let death, let line):
                let words = line.map { ", saying \"\($0)\"" } ?? ""
                throw .start("it \(death.description) before it said anything\(words)")
            case .time: throw .start("it said nothing within \(limit.formattedSeconds)")
            case .nonsense(let what): throw .start("it answered with \(what)")
            default: throw error
            }
        }
    }

    /// Sends a request and waits for its answer.
    ///
    /// - Parameters:
    ///   - operation: what to do.
    ///   - limit: the time it may take; `nil` for none.
    ///   - ticket: lets others cancel it.
    ///   - listener: hears of everything else.
    ///   - encode: writes the payload.
    ///   - decode: reads the answer.
    /// - Returns: the answer.
    /// - Throws: ``WorkerFailure``. The process can go on after ``WorkerFailure/refused(_:)`` and
    ///   ``WorkerFailure/declined``, unless the ticket was cancelled.
    func exchange<T>(
        _ operation: WorkerOperation, limit: Duration?, ticket: WorkerTicket, listener: Listener,
        encode: (inout WireWriter) -> Void, decode: (inout WireReader) throws(WireError) -> T
    ) throws(WorkerFailure) -> T {
        guard ticket.begin(socket: socket) else { throw .declined }
        defer { ticket.end() }
        sequence &+= 1
        writer.begin(.request, code: operation.rawValue, sequence: sequence)
        encode(&writer)
        guard writer.end() else {
            throw .refused(
                RefluxError(.input, found: "a request of more than a gigabyte", wanted: "less"))
        }
        output.beginCall()
        var sent = 0
        let frame = try receive(
            Deadline(limit, grace: IsolatedPlugin.Options.answerGrace), ticket, sequence: sequence,
            sent: { send(from: &sent) }, listener: listener)
        output.drain { listener.log(.info, $0) }
        output.endCall { listener.log(.info, $0) }
        return try answer(frame, decode)
    }

    private func answer<T>(
        _ frame: WorkerFrame, _ decode: (inout WireReader) throws(WireError) -> T
    ) throws(WorkerFailure) -> T {
        var reader = frame.payload
        switch WorkerFrame.ReplyCode(rawValue: frame.code) {
        case .value:
            return try Self.decoded { () throws(WireError) in
                let value = try decode(&reader)
                try reader.finish()
                return value
            }
        case .error:
            throw .refused(
                try Self.decoded { () throws(WireError) in try reader.read(RefluxError.self) })
        case .cancelled: throw .declined
        case nil: throw .nonsense("an answer of an unknown sort")
        }
    }

    private static func decoded<T>(
        _ body: () throws(WireError) -> T
    ) throws(WorkerFailure) -> T {
        do throws(WireError) { return try body() } catch { throw .nonsense(error.found) }
    }

    /// Sends what the socket takes; `true` when all is sent.
    private func send(from offset: inout Int) -> Bool {
        while offset < writer.bytes.count {
            let count = WorkerSystem.send(socket, writer.bytes, from: offset, waits: false)
            guard count >= 0 else { return !WorkerSystem.wouldWait(count) }
            offset += count
        }
        return true
    }

    /// Sends and receives until the answer is there.
    private func receive(
        _ deadline: Deadline, _ ticket: WorkerTicket?, sequence: UInt32, sent: () -> Bool,
        listener: Listener
    ) throws(WorkerFailure) -> WorkerFrame {
        var patience = deadline
        var wasCancelled = false
        while true {
            let isSent = sent()
            if let frame = try nextReply(sequence, listener: listener) { return frame }
            let ready = WorkerSystem.poll(
                socket: socket, writing: !isSent, output: output.descriptor,
                milliseconds: patience.slice)
            if ready.output { output.drain { listener.log(.info, $0) } }
            if ready.socket {
                let count = buffer.fill { bytes, offset in
                    WorkerSystem.receive(socket, into: &bytes, at: offset, waits: false)
                }
                if count <= 0 && !WorkerSystem.wouldWait(count) { throw death(listener) }
                continue
            }
            if !wasCancelled, let ticket, ticket.isCancelled || Task.isCancelled {
                ticket.cancel()
                wasCancelled = true
                patience = Deadline(IsolatedPlugin.Options.cancellationGrace)
            }
            if patience.isOver {
                throw wasCancelled ? .cancelled : .time(deadline.limit ?? .zero)
            }
            if WorkerSystem.hasEnded(id) { throw death(listener) }
        }
    }

    private func nextReply(
        _ sequence: UInt32, listener: Listener
    ) throws(WorkerFailure) -> WorkerFrame? {
        do throws(WireError) {
            while let frame = try buffer.next() {
                switch frame.kind {
                case .reply where frame.sequence == sequence: return frame
                case .event: try listener.hear(frame)
                default: throw WireError("an answer to something else")
                }
            }
            return nil
        } catch {
            throw .nonsense(error.found)
        }
    }
}
