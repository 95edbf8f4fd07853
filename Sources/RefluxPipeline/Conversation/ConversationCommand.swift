import RefluxCore

/// A line that begins with a slash.
enum ConversationCommand: Equatable {
    case help
    case reset
    case system(String)
    case set(key: String, value: String)
    case undo
    case save(String)
    case exit

    /// The commands, as `/help` lists them.
    static let helpText = """
        /system TEXT     what the model is told before the conversation; without TEXT nothing
        /set KEY VALUE   \(ConversationSettings.keys.joined(separator: ", "))
        /undo            forget the last question and its answer
        /reset           forget the conversation
        /save FILE       write the conversation as JSON
        /exit            end; so does Ctrl-D
        Ctrl-C stops an answer. A line that begins with two slashes is sent with one.
        """

    private static let names = [
        "/help", "/reset", "/system", "/set", "/undo", "/save", "/exit",
    ]

    /// Reads a line.
    ///
    /// - Returns: the command; `nil` for a line that is none.
    /// - Throws: ``RefluxError`` of kind `usage`.
    init?(parsing line: String) throws {
        guard line.hasPrefix("/"), !line.hasPrefix("//") else { return nil }
        let words = line.split(separator: " ", maxSplits: 1).map(String.init)
        let rest = words.count > 1 ? words[1].trimmed : ""
        switch words[0] {
        case "/help" where rest.isEmpty: self = .help
        case "/reset" where rest.isEmpty: self = .reset
        case "/undo" where rest.isEmpty: self = .undo
        case "/exit" where rest.isEmpty: self = .exit
        case "/system": self = .system(rest)
        case "/save":
            guard !rest.isEmpty else {
                throw RefluxError(.usage, found: "/save without a file", wanted: "/save FILE")
            }
            self = .save(rest)
        case "/set":
            let parts = rest.split(separator: " ", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw RefluxError(
                    .usage, found: "/set without a value", wanted: "/set KEY VALUE",
                    remedy: "Keys: \(ConversationSettings.keys.joined(separator: ", ")).")
            }
            self = .set(key: parts[0], value: parts[1].trimmed)
        default:
            let isKnown = Self.names.contains(words[0])
            throw RefluxError(
                .usage,
                found: isKnown
                    ? "\(words[0]) takes nothing behind it" : "unknown command \(words[0])",
                remedy: isKnown ? nil : suggestion(for: words[0], known: Self.names))
        }
    }
}

extension String {
    /// Without white space at both ends.
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
