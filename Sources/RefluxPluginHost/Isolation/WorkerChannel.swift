import RefluxCore
import Synchronization

/// A worker's end of the connection. Frames may be sent from any thread; one thread receives.
final class WorkerChannel: Sendable {
    private let socket: Int32
    private let words: LastWords
    private let writer = Mutex(WireWriter())

    /// Serves a socket.
    init(_ socket: Int32, words: LastWords) {
        self.socket = socket
        self.words = words
    }

    /// Sends a frame. When the connection is gone there is nobody to work for: the process ends.
    func send(
        _ kind: WorkerFrame.Kind, code: UInt8, sequence: UInt32,
        _ encode: (inout WireWriter) -> Void
    ) {
        writer.withLock { writer in
            writer.begin(kind, code: code, sequence: sequence)
            encode(&writer)
            if !writer.end() {
                writer.begin(.reply, code: WorkerFrame.ReplyCode.error.rawValue, sequence: sequence)
                writer.write(
                    PluginCheck.callResult.error(
                        .broken, found: "an answer of more than a gigabyte",
                        at: .init(path: "plugin"), wanted: "less",
                        remedy: "Report it to the plugin's author."))
                _ = writer.end()
            }
            var offset = 0
            while offset < writer.bytes.count {
                let count = WorkerSystem.send(socket, writer.bytes, from: offset, waits: true)
                guard count >= 0 else {
                    words.noteConnectionLost()
                    WorkerSystem.exitNow(WorkerProtocol.connectionLostStatus)
                }
                offset += count
            }
        }
    }

    /// Sends an event.
    func send(_ event: WorkerFrame.EventCode, _ encode: (inout WireWriter) -> Void) {
        send(.event, code: event.rawValue, sequence: 0, encode)
    }

    /// Receives the next frame, or `nil` when the host has ended the connection.
    func receive(_ buffer: inout FrameBuffer) throws(WireError) -> WorkerFrame? {
        while true {
            if let frame = try buffer.next() { return frame }
            let count = buffer.fill { bytes, offset in
                WorkerSystem.receive(socket, into: &bytes, at: offset, waits: true)
            }
            guard count != 0 else { return nil }
            guard count > 0 else {
                words.noteConnectionLost()
                WorkerSystem.exitNow(WorkerProtocol.connectionLostStatus)
            }
        }
    }
}
