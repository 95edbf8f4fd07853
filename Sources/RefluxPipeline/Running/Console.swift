import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Progress and notes for people, on standard error.
///
/// On a terminal the progress is one line that is rewritten; elsewhere it is a plain line every few
/// seconds. Safe to use from any thread.
package final class Console: Sendable {
    /// How the text is shown.
    package enum Style: Sendable {
        /// A line that is rewritten.
        case terminal
        /// Plain lines, the progress at most every so many seconds.
        case plain(interval: Double)
        /// Nothing.
        case quiet
    }

    private struct State {
        var meter: ProgressMeter?
        var isLineOpen = false
        var lastShown = -Double.infinity
    }

    private let style: Style
    private let write: @Sendable (String) -> Void
    private let seconds: @Sendable () -> Double
    private let state = Mutex(State())

    /// A console; by default standard error, as a terminal if it is one.
    ///
    /// - Parameters:
    ///   - style: how the text is shown; `nil` looks at standard error.
    ///   - seconds: a clock that never goes back.
    ///   - write: where the text goes.
    package init(
        style: Style? = nil, seconds: @escaping @Sendable () -> Double = Console.uptime,
        write: @escaping @Sendable (String) -> Void = Console.standardError
    ) {
        self.style = style ?? (isatty(STDERR_FILENO) == 1 ? .terminal : .plain(interval: 5))
        self.seconds = seconds
        self.write = write
    }

    /// A line for people.
    package func note(_ text: String) {
        if case .quiet = style { return }
        state.withLock { state in
            write((state.isLineOpen ? Self.clearLine : "") + text + "\n")
            state.isLineOpen = false
        }
    }

    /// Shows how far a stage is. Called as often as the stage likes.
    package func progress(_ label: String, done: Int, total: Int, unit: String) {
        let now = seconds()
        state.withLock { state in
            if state.meter?.label != label || state.meter?.unit != unit {
                state.meter = ProgressMeter(label: label, unit: unit, start: done, since: now)
                // Plain lines begin after one interval: short stages need none.
                if case .plain = style { state.lastShown = now }
            }
            guard let line = state.meter?.line(done: done, total: total, now: now) else { return }
            switch style {
            case .quiet: return
            case .terminal:
                guard now - state.lastShown >= 0.1 || done == total else { return }
                write(Self.clearLine + line.prefix(Self.terminalWidth - 1))
                state.isLineOpen = true
            case .plain(let interval):
                guard now - state.lastShown >= interval else { return }
                write(line + "\n")
            }
            state.lastShown = now
        }
    }

    /// Ends the line of the progress, so that what follows starts on a line of its own.
    package func endProgress() {
        state.withLock { state in
            if state.isLineOpen { write(Self.clearLine) }
            state = State()
        }
    }

    private static let clearLine = "\r\u{1B}[2K"

    private static var terminalWidth: Int {
        var size = winsize()
        let isKnown = ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20
        return isKnown ? Int(size.ws_col) : 80
    }

    /// Seconds since some moment, never going back.
    package static let uptime: @Sendable () -> Double = { ProcessInfo.processInfo.systemUptime }

    /// Writes to standard error; a reader that went away is no reason to stop.
    package static let standardError: @Sendable (String) -> Void = { text in
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}

/// The rate and the remaining time of one piece of work.
struct ProgressMeter {
    /// The work.
    let label: String
    /// What an item is.
    let unit: String
    /// Items that were done before: a resumed stage does not start at 0.
    let start: Int
    /// When it began.
    let since: Double

    /// `teach: 120 of 400 responses (30%), 4.2 responses/s, 1 min 7 s left`.
    func line(done: Int, total: Int, now: Double) -> String {
        var text = "\(label): \(done) of \(total) \(unit)"
        if total > 0 { text += " (\(100 * done / total)%)" }
        let elapsed = now - since
        guard done > start, elapsed > 0.5 else { return text }
        let rate = Double(done - start) / elapsed
        text += ", \(Self.short(rate)) \(unit)/s"
        if done < total { text += ", \(duration(Double(total - done) / rate)) left" }
        return text
    }

    private static func short(_ rate: Double) -> String {
        rate >= 100 ? String(format: "%.0f", rate) : String(format: "%.2g", rate)
    }
}

/// A time in words: `8.3 s`, `4 min 12 s`, `2 h 5 min`.
func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "a long time" }
    let whole = Int(seconds.rounded())
    return switch whole {
    case ..<10: String(format: "%.1f s", seconds)
    case ..<60: "\(whole) s"
    case ..<3600: "\(whole / 60) min \(whole % 60) s"
    default: "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
}
