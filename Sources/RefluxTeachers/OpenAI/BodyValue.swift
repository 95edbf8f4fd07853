public import RefluxCore

/// A value of a request's body, written as JSON.
public enum BodyValue: Sendable, Equatable, Encodable {
    /// `null`.
    case null
    /// A truth value.
    case bool(Bool)
    /// A whole number.
    case integer(Int)
    /// A number with a fraction.
    case number(Double)
    /// A text.
    case string(String)
    /// A list.
    case list([BodyValue])
    /// Named values; written in the order of their names.
    case table([String: BodyValue])

    /// A value of the run file as it is sent.
    public init(_ value: ConfigurationValue) {
        self =
            switch value {
            case .null: .null
            case .bool(let value): .bool(value)
            case .integer(let value): .integer(value)
            case .number(let value): .number(value)
            case .string(let value): .string(value)
            case .list(let nodes): .list(nodes.map { BodyValue($0.value) })
            case .table(let entries):
                .table(
                    Dictionary(entries.map { ($0.key, BodyValue($0.node.value)) }) { $1 })
            }
    }

    /// Writes the value itself, without a wrapper.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .table(let values): try container.encode(values)
        }
    }
}
