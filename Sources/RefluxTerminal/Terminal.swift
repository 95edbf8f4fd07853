import Foundation
import Glibc

/// What the standard files are.
package enum Terminal {
    /// Whether a person sits at both ends: input and output are a terminal.
    package static var isInteractive: Bool { isInputTerminal && isOutputTerminal }

    /// Whether standard input is a terminal.
    package static var isInputTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// Whether standard output is a terminal.
    package static var isOutputTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Writes to standard output at once.
    ///
    /// - Returns: false where nobody reads any more.
    @discardableResult
    package static func write(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var done = 0
            while done < bytes.count {
                let count = Glibc.write(
                    STDOUT_FILENO, bytes.baseAddress.map { $0 + done }, bytes.count - done)
                if count > 0 { done += count } else if errno != EINTR { return false }
            }
            return true
        }
    }

    /// A line of little weight on standard error: faint where that is a terminal that can be faint.
    package static func note(_ text: String) {
        let environment = ProcessInfo.processInfo.environment
        let isFaint =
            isatty(STDERR_FILENO) == 1 && environment["NO_COLOR"] == nil
            && environment["TERM"] != "dumb"
        let line = isFaint ? "\u{1B}[2m\(text)\u{1B}[0m\n" : "\(text)\n"
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    }
}
