/// What went wrong, where, what was wanted and what to do: the one error type that users see.
///
/// Every public function of Reflux that can fail on bad input throws this type. The text is one
/// paragraph: `path:line: key: found …; wanted …. Remedy. [check]`
///
/// ```swift
/// throw RefluxError(
///     .input, found: "no field \"answer\"", at: .init(path: "train.jsonl", line: 7),
///     wanted: "a string field \"answer\"", remedy: "Correct the line, or map the field's name.")
/// ```
public struct RefluxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The family of a failure; it decides the exit code of the command line.
    public enum Kind: String, Sendable, Codable {
        /// The command line or the run file is wrong: exit code 2.
        case usage
        /// A data file, a model folder or another input is wrong: exit code 1.
        case input
        /// The machine refused: disk full, no permission, a library is missing: exit code 1.
        case system
        /// The computation went wrong, for example a NaN loss: exit code 1.
        case numeric
        /// A guard of the method refused to go on, for example a useless reward model: exit code 1.
        case refused
        /// A replaceable part broke its contract, or the process in which it ran died or ran out of
        /// time: exit code 1. Nothing that it says can be trusted, so nothing goes on with it.
        case broken
        /// Something that should be impossible; please report it: exit code 1.
        case internalFault
    }

    /// The family of the failure.
    public var kind: Kind
    /// What was found, in words.
    public var found: String
    /// Where it was found.
    public var location: SourceLocation?
    /// What was wanted instead.
    public var wanted: String?
    /// What the user can do about it.
    public var remedy: String?
    /// The id of the check that failed, for instance `library.hash`, where checks have ids.
    public var check: String?

    /// Makes an error from its parts.
    public init(
        _ kind: Kind, found: String, at location: SourceLocation? = nil, wanted: String? = nil,
        remedy: String? = nil, check: String? = nil
    ) {
        self.kind = kind
        self.found = found
        self.location = location
        self.wanted = wanted
        self.remedy = remedy
        self.check = check
    }

    /// The whole error as one paragraph.
    public var description: String {
        var text = ""
        if let location { text += "\(location): " }
        text += found
        if let wanted { text += "; wanted \(wanted)" }
        text += "."
        if let remedy { text += " \(remedy)" }
        if let check { text += " [\(check)]" }
        return text
    }

    /// The exit code of the command line for this error: 2 for usage, else 1.
    public var exitCode: Int32 { kind == .usage ? 2 : 1 }
}

/// A place in a file, as far as it is known.
public struct SourceLocation: Sendable, Equatable, Hashable, CustomStringConvertible {
    /// The file, as the user named it.
    public var path: String
    /// The line, from 1.
    public var line: Int?
    /// The column, from 1.
    public var column: Int?
    /// The dotted key inside a structured file, for example `reinforce.steps`.
    public var key: String?

    /// Makes a location.
    public init(path: String, line: Int? = nil, column: Int? = nil, key: String? = nil) {
        self.path = path
        self.line = line
        self.column = column
        self.key = key
    }

    /// `path:line:column: key`, without the parts that are unknown.
    public var description: String {
        var text = path
        if let line { text += ":\(line)" }
        if let column { text += ":\(column)" }
        if let key { text += ": \(key)" }
        return text
    }
}
