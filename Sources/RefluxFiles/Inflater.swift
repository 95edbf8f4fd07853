import CZlib
import Foundation
import RefluxCore

// Every call to zlib stands in this file.

/// The inflated bytes of a gzip file (RFC 1952), a chunk after another. Concatenated members are
/// one stream; zeros after the last member are ignored, as gzip does.
struct InflatedBytes: ~Copyable {
    private var source: FileBytes
    private let path: String
    private let inflation: Inflation
    private var input: [UInt8] = []
    private var consumed = 0
    private var output: [UInt8]
    private var insideMember = false
    private var members = 0

    /// Opens a file; chunks have at most `chunkSize` bytes.
    init(_ path: String, chunkSize: Int = 1 << 20) throws {
        let inflation = try Inflation()
        source = try FileBytes(path, chunkSize: chunkSize)
        self.inflation = inflation
        self.path = path
        output = [UInt8](repeating: 0, count: chunkSize)
    }

    /// The next bytes, or `nil` at the end.
    mutating func next() throws -> ArraySlice<UInt8>? {
        while true {
            if consumed == input.count {
                guard let chunk = try source.next() else { return try end() }
                input = Array(chunk)
                consumed = 0
            }
            if !insideMember {
                guard try startMember() else { continue }
            }
            let produced = try inflateOnce()
            if produced > 0 { return output[..<produced] }
        }
    }

    /// Steps over padding and opens a member; false when the input held only padding.
    private mutating func startMember() throws -> Bool {
        if members > 0 {
            while consumed < input.count, input[consumed] == 0 { consumed += 1 }
            guard consumed < input.count else { return false }
        }
        guard inflateReset(inflation.state) == Z_OK else {
            throw damaged("zlib could not start again")
        }
        insideMember = true
        return true
    }

    private mutating func inflateOnce() throws -> Int {
        let state = inflation.state
        let start = consumed
        let (code, left, room) = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                state.pointee.next_in = input.baseAddress.map { $0 + start }
                state.pointee.avail_in = uInt(input.count - start)
                state.pointee.next_out = output.baseAddress
                state.pointee.avail_out = uInt(output.count)
                let code = inflate(state, Z_NO_FLUSH)
                return (code, Int(state.pointee.avail_in), Int(state.pointee.avail_out))
            }
        }
        consumed = input.count - left
        switch code {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END:
            insideMember = false
            members += 1
        default:
            throw damaged(state.pointee.msg.map { String(cString: $0) } ?? "code \(code)")
        }
        return output.count - room
    }

    private func end() throws -> ArraySlice<UInt8>? {
        if insideMember || members == 0 { throw damaged("it ends too early") }
        return nil
    }

    private func damaged(_ detail: String) -> RefluxError {
        RefluxError(
            .input, found: "the gzip data is damaged (\(detail))", at: SourceLocation(path: path),
            remedy: "Download or make the file again.")
    }
}

/// A zlib state that expects gzip members.
private final class Inflation {
    let state: UnsafeMutablePointer<z_stream>

    init() throws {
        state = .allocate(capacity: 1)
        state.initialize(to: z_stream())
        // 16 asks for the gzip header; MAX_WBITS is the largest window.
        let code = inflateInit2_(
            state, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else {
            throw RefluxError(.system, found: "zlib could not start (code \(code))")
        }
    }

    deinit {
        inflateEnd(state)
        state.deallocate()
    }
}
