/// A value of a configuration file, with the place where it stood.
public indirect enum ConfigurationValue: Sendable, Equatable {
    /// Nothing, `null` or `~`.
    case null
    /// A truth value.
    case bool(Bool)
    /// A whole number.
    case integer(Int)
    /// A number with a fraction or an exponent.
    case number(Double)
    /// A text.
    case string(String)
    /// A list.
    case list([ConfigurationNode])
    /// Named values in the order of the file.
    case table([ConfigurationEntry])

    /// The kind of the value in words, for error messages.
    public var kindName: String {
        switch self {
        case .null: "nothing"
        case .bool(let value): "the truth value \(value)"
        case .integer(let value): "the number \(value)"
        case .number(let value): "the number \(value)"
        case .string(let value): "the text \"\(value)\""
        case .list: "a list"
        case .table: "a table of keys"
        }
    }
}

/// A configuration value and where it stood.
public struct ConfigurationNode: Sendable, Equatable {
    /// The value.
    public var value: ConfigurationValue
    /// Where it stood; `key` is the dotted path from the root.
    public var location: SourceLocation

    /// Makes a node.
    public init(_ value: ConfigurationValue, at location: SourceLocation) {
        self.value = value
        self.location = location
    }
}

/// One key of a table.
public struct ConfigurationEntry: Sendable, Equatable {
    /// The key.
    public var key: String
    /// Its value.
    public var node: ConfigurationNode

    /// Makes an entry.
    public init(_ key: String, _ node: ConfigurationNode) {
        self.key = key
        self.node = node
    }
}
