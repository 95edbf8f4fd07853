import CRefluxPlugin
import Synchronization

/// The log of one plugin: lines are cleaned, and a flood is told of but not let through.
final class LogGate: Sendable {
    /// Lines that are let through.
    static let limit = 200
    /// Bytes of a line.
    static let lineBytes = 2000

    private let plugin: String
    private let sink: @Sendable (String, PluginServices.Level, String) -> Void
    private let lines = Mutex(0)

    /// Makes the log of a plugin.
    init(
        plugin: String, sink: @escaping @Sendable (String, PluginServices.Level, String) -> Void
    ) {
        self.plugin = plugin
        self.sink = sink
    }

    deinit {
        let suppressed = lines.withLock { $0 } - Self.limit
        if suppressed > 0, !Self.isPowerOfTen(suppressed) { tell(suppressed) }
    }

    /// Takes a line of the plugin.
    func line(_ level: Int32, _ text: reflux_string) {
        let count = lines.withLock { lines in
            lines += 1
            return lines
        }
        guard count > Self.limit else {
            let line = Self.clean(BoundaryText.readLoosely(text, atMost: 2 * Self.lineBytes))
            return sink(plugin, PluginServices.Level(rawValue: level) ?? .info, line)
        }
        if Self.isPowerOfTen(count - Self.limit) { tell(count - Self.limit) }
    }

    private func tell(_ suppressed: Int) {
        let what = suppressed == 1 ? "1 line was" : "\(suppressed) lines were"
        sink(
            plugin, .warning,
            "It logs too much: \(what) suppressed after the first \(Self.limit).")
    }

    private static func isPowerOfTen(_ count: Int) -> Bool {
        var power = 1
        while power < count { power *= 10 }
        return power == count
    }

    /// A text as one line that cannot move a terminal's cursor, change its colours or the direction
    /// of its text; at most 2,000 bytes.
    static func clean(_ text: String) -> String {
        var line = ""
        var scalars = text.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            if scalar == "\u{1B}" {
                skipEscape(&scalars)
                line.unicodeScalars.append("\u{FFFD}")
            } else if scalar == "\n" || scalar == "\t" {
                line += " "
            } else {
                line.unicodeScalars.append(isPlain(scalar) ? scalar : "\u{FFFD}")
            }
            guard line.utf8.count <= lineBytes else { return cut(line) }
        }
        return line
    }

    /// Skips the rest of a control sequence: `ESC [ … letter`, or one character.
    private static func skipEscape(_ scalars: inout String.UnicodeScalarView.Iterator) {
        guard scalars.next() == "[" else { return }
        while let scalar = scalars.next() {
            if ("@"..."~").contains(scalar) { return }
        }
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
        default: true
        }
    }

    private static func cut(_ line: String) -> String {
        var line = line
        while line.utf8.count > lineBytes - 3 { line.unicodeScalars.removeLast() }
        return line + "…"
    }
}
