/// Text of plugins, made fit for a terminal and a log file.
enum PlainText {
    /// The most bytes of a line.
    static let longestLine = 2000

    /// A line without control characters (those of Unicode and of terminals), at most
    /// ``longestLine`` bytes long; what is not UTF-8 is replaced.
    static func line(_ text: some StringProtocol) -> String {
        var result = ""
        var length = 0
        for scalar in text.unicodeScalars {
            let clean: Unicode.Scalar = isPlain(scalar) ? scalar : "\u{FFFD}"
            length += UTF8.width(clean)
            guard length <= longestLine - 3 else { return result + "…" }
            result.unicodeScalars.append(clean)
        }
        return result
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control: scalar == "\t"
        case .format, .lineSeparator, .paragraphSeparator: scalar == "\u{200D}"
        default: true
        }
    }
}
