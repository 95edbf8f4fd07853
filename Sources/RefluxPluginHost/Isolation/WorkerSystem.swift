import CRefluxWorker
import Glibc

// Every system call of isolated plugins, one function each. Negative results are `-errno`.
//
// Two things are done otherwise than one might expect. A worker notices the end of its host by the
// end of the socket, not by PR_SET_PDEATHSIG: that signal comes when the *thread* that started the
// worker ends, and threads of a pool end at any time. And a worker leads a process group of its own,
// so that whatever it forked can be ended with it.
enum WorkerSystem {
    /// A pair of connected sockets, closed by exec and out of the way of a worker's descriptors.
    static func socketPair() -> (host: Int32, worker: Int32)? {
        var pair: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &pair) == 0 else { return nil }
        return moved(pair)
    }

    /// A pipe, closed by exec, whose reading end does not block.
    static func outputPipe() -> (host: Int32, worker: Int32)? {
        var pair: [Int32] = [-1, -1]
        guard reflux_worker_pipe(&pair) == 0 else { return nil }
        guard let ends = moved(pair) else { return nil }
        _ = fcntl(ends.host, F_SETFL, O_NONBLOCK)
        return ends
    }

    /// Moves a descriptor above those that a worker is given, where it would be overwritten while
    /// these are put in place.
    static func moved(_ descriptor: Int32) -> Int32 {
        defer { close(descriptor) }
        return fcntl(descriptor, F_DUPFD_CLOEXEC, lowestDescriptor)
    }

    /// What ``moved(_:)`` gives at least.
    static let lowestDescriptor: Int32 = 16

    private static func moved(_ pair: [Int32]) -> (host: Int32, worker: Int32)? {
        let ends = pair.map(moved)
        guard ends.allSatisfy({ $0 >= 0 }) else {
            ends.forEach(close)
            return nil
        }
        return (ends[0], ends[1])
    }

    /// Closes a descriptor.
    static func close(_ descriptor: Int32) {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
    }

    /// Whether a descriptor is a socket.
    static func isSocket(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    /// Tells the other end that nothing more will be sent.
    static func endSending(_ socket: Int32) { _ = shutdown(socket, Int32(SHUT_WR)) }

    /// Sends bytes from an offset on; returns how many were sent.
    static func send(_ socket: Int32, _ bytes: [UInt8], from offset: Int, waits: Bool) -> Int {
        let flags = Int32(MSG_NOSIGNAL) | (waits ? 0 : Int32(MSG_DONTWAIT))
        return bytes.withUnsafeBytes { bytes in
            retried {
                Glibc.send(
                    socket, bytes.baseAddress?.advanced(by: offset), bytes.count - offset, flags)
            }
        }
    }

    /// Receives bytes into a buffer from an offset on; 0 is the end.
    static func receive(
        _ socket: Int32, into bytes: inout [UInt8], at offset: Int, waits: Bool
    ) -> Int {
        let flags = waits ? 0 : Int32(MSG_DONTWAIT)
        return bytes.withUnsafeMutableBytes { bytes in
            retried {
                recv(socket, bytes.baseAddress?.advanced(by: offset), bytes.count - offset, flags)
            }
        }
    }

    /// Reads from a pipe; 0 is the end.
    static func read(_ descriptor: Int32, into bytes: inout [UInt8]) -> Int {
        bytes.withUnsafeMutableBytes { bytes in
            retried { Glibc.read(descriptor, bytes.baseAddress, bytes.count) }
        }
    }

    private static func retried(_ call: () -> Int) -> Int {
        while true {
            let count = call()
            if count >= 0 { return count }
            if errno != EINTR { return -Int(errno) }
        }
    }

    /// Waits until the socket can be read (or, if asked for, written) or the pipe can be read.
    static func poll(
        socket: Int32, writing: Bool, output: Int32, milliseconds: Int32
    ) -> (socket: Bool, output: Bool) {
        var entries = [
            pollfd(fd: socket, events: Int16(POLLIN) | (writing ? Int16(POLLOUT) : 0), revents: 0),
            pollfd(fd: output, events: Int16(POLLIN), revents: 0),
        ]
        guard Glibc.poll(&entries, 2, milliseconds) > 0 else { return (false, false) }
        return (entries[0].revents != 0, entries[1].revents != 0)
    }

    /// Waits until the other end of a socket sends nothing more, or is gone.
    ///
    /// - Returns: `false` when the descriptor is no socket any more.
    static func waitForEnd(of socket: Int32) -> Bool {
        let ends = Int16(0x2000)  // POLLRDHUP
        var entry = pollfd(fd: socket, events: ends, revents: 0)
        while Glibc.poll(&entry, 1, -1) < 0 && errno == EINTR {}
        return Int32(entry.revents) & POLLNVAL == 0
    }

    /// The reason for the last failure in words.
    static func message(_ number: Int32 = errno) -> String { String(cString: strerror(number)) }

    /// Whether a call would have had to wait.
    static func wouldWait(_ result: Int) -> Bool { result == -Int(EAGAIN) }

    /// Pauses the calling thread.
    static func sleep(milliseconds: UInt32) { usleep(milliseconds * 1000) }
}
