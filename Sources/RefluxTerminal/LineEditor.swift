import CEditLine
import Dispatch
import Glibc
import Synchronization

/// Reads lines from a terminal, with editing and a history, by libedit.
///
/// libedit has one state for the whole process, so there is one editor. It reads character by
/// character and hands out a line when one is whole; in between this waits for input and for Ctrl-C
/// alike, which is why reading can be interrupted without `longjmp`.
///
/// **Threads.** One call of ``read(prompt:)`` at a time; it waits on a thread of its own.
/// ``interrupt()`` may come from any thread.
package final class LineEditor: Sendable {
    /// The one editor.
    package static let shared = LineEditor()

    private let queue = DispatchQueue(label: "reflux-terminal")
    /// A pipe; a byte in it wakes the thread that waits.
    private let wake: (read: Int32, write: Int32)

    private init() {
        var ends: [Int32] = [-1, -1]
        _ = pipe(&ends)
        for end in ends { _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK) }
        wake = (ends[0], ends[1])
        // Without a locale every character beyond ASCII would be dropped.
        let locale = setlocale(LC_CTYPE, "").map { String(cString: $0).lowercased() } ?? ""
        if !locale.contains("utf-8"), !locale.contains("utf8") {
            _ = setlocale(LC_CTYPE, "C.UTF-8")
        }
        reflux_editline_leave_signals()
        using_history()
        stifle_history(1000)
    }

    /// Asks for a line.
    ///
    /// - Parameter prompt: what stands before it.
    /// - Returns: what the person did.
    package func read(prompt: String) async -> LineInput {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.wait(prompt)) }
        }
    }

    /// Drops the line that is being read; without one the next one.
    package func interrupt() {
        var byte: UInt8 = 1
        _ = write(wake.write, &byte, 1)
    }

    /// Forgets an interruption that came while nothing was read.
    package func forgetInterruption() {
        var byte: UInt8 = 0
        while Glibc.read(wake.read, &byte, 1) == 1 {}
    }

    private func wait(_ prompt: String) -> LineInput {
        received.withLock { $0 = nil }
        rl_callback_handler_install(prompt) { line in
            let text = line.map { String(cString: $0) }
            free(line)
            received.withLock { $0 = .some(text) }
        }
        defer { rl_callback_handler_remove() }
        while true {
            var files = [
                pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&files, 2, -1) >= 0 || errno == EINTR else { return .end }
            if files[1].revents != 0 {
                forgetInterruption()
                return .interrupted
            }
            guard files[0].revents != 0 else { continue }
            rl_callback_read_char()
            if let line = received.withLock({ $0 }) { return remember(line) }
            if files[0].revents & Int16(POLLIN) == 0 { return .end }
        }
    }

    private func remember(_ line: String?) -> LineInput {
        guard let line else { return .end }
        if line.contains(where: { !$0.isWhitespace }) { add_history(line) }
        return .line(line)
    }
}

/// What libedit handed over: nothing yet, the end, or a line. Its callback can hold no context.
private let received = Mutex<String??>(nil)
