/// What a worker writes to its output and error output, cut into clean lines.
///
/// Used by one thread at a time.
struct WorkerOutput: Sendable {
    /// The most lines that are passed on during one call.
    static let mostLines = 200

    /// The pipe; -1 after its end.
    private(set) var descriptor: Int32
    /// The last line that had something in it, for error messages.
    private(set) var lastLine: String?
    private var rest: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: 1 << 14)
    private var count = 0

    /// Takes over a pipe.
    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Begins a new call: its lines are counted anew.
    mutating func beginCall() {
        count = 0
        lastLine = nil
    }

    /// Reads all that is there.
    mutating func drain(_ log: (String) -> Void) {
        while descriptor >= 0 {
            let length = WorkerSystem.read(descriptor, into: &chunk)
            guard length > 0 else {
                if !WorkerSystem.wouldWait(length) { close() }
                return
            }
            for byte in chunk[..<length] {
                if byte == UInt8(ascii: "\n") {
                    flush(log)
                } else if rest.count < 2 * LogGate.lineBytes {
                    rest.append(byte)
                }
            }
        }
    }

    /// Ends a call: says how many lines were left out.
    mutating func endCall(_ log: (String) -> Void) {
        guard count > Self.mostLines else { return }
        log("\(count - Self.mostLines) more lines of output were left out")
        count = 0
    }

    /// Passes on what has no line end, and closes the pipe.
    mutating func finish(_ log: (String) -> Void) {
        drain(log)
        if !rest.isEmpty { flush(log) }
        endCall(log)
        close()
    }

    private mutating func flush(_ log: (String) -> Void) {
        let line = LogGate.clean(String(decoding: rest, as: UTF8.self))
        rest.removeAll(keepingCapacity: true)
        guard line.contains(where: { !$0.isWhitespace }) else { return }
        // Rust ends its reports with a note on how to get more.
        if !line.hasPrefix("note: ") { lastLine = String(line.drop(while: \.isWhitespace)) }
        count += 1
        if count <= Self.mostLines { log(line) }
    }

    private mutating func close() {
        WorkerSystem.close(descriptor)
        descriptor = -1
    }
}
