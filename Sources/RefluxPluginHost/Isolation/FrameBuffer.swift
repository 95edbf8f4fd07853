/// Collects received bytes and cuts them into frames. Its memory grows with what has arrived, not
/// with what a header announces, and is reused.
struct FrameBuffer: Sendable {
    private var bytes = [UInt8](repeating: 0, count: 1 << 16)
    private var start = 0
    private var filled = 0

    /// Makes an empty buffer.
    init() {}

    /// Receives more bytes.
    ///
    /// - Parameter receive: fills a buffer from an offset on and returns the count of bytes, 0 at the
    ///   end, or a negative number of an error.
    /// - Returns: what `receive` returned.
    mutating func fill(_ receive: (inout [UInt8], _ offset: Int) -> Int) -> Int {
        if start == filled { (start, filled) = (0, 0) }
        if filled == bytes.count { makeRoom() }
        let count = receive(&bytes, filled)
        filled += max(0, count)
        return count
    }

    /// The next whole frame, or `nil` when more bytes are needed. Let go of its payload before the
    /// buffer is filled again, or its memory is copied.
    mutating func next() throws(WireError) -> WorkerFrame? {
        guard filled - start >= WorkerProtocol.headerSize else { return nil }
        var header = WireReader(bytes, in: start..<start + WorkerProtocol.headerSize)
        guard try header.read(UInt32.self) == WorkerProtocol.magic else {
            throw WireError("bytes that do not begin a message")
        }
        let length = Int(try header.read(UInt32.self))
        guard length <= WorkerProtocol.longestPayload else {
            throw WireError("a message of \(length) bytes")
        }
        let sequence = try header.read(UInt32.self)
        guard let kind = WorkerFrame.Kind(rawValue: try header.read()) else {
            throw WireError("a message of an unknown kind")
        }
        let code = try header.read(UInt8.self)
        let first = start + WorkerProtocol.headerSize
        guard filled - first >= length else { return nil }
        start = first + length
        return WorkerFrame(
            kind: kind, code: code, sequence: sequence,
            payload: WireReader(bytes, in: first..<first + length))
    }

    private mutating func makeRoom() {
        if start > 0 {
            bytes.removeSubrange(0..<start)
            filled -= start
            start = 0
        }
        let target = filled + max(filled, 1 << 16)
        bytes.append(contentsOf: repeatElement(0, count: target - bytes.count))
    }
}
