/// A JSON value. Objects keep the order of their keys.
package indirect enum JSONValue: Sendable, Equatable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without fraction and exponent.
    case integer(Int)
    /// Any other number; always finite.
    case number(Double)
    /// A text.
    case string(String)
    /// A list.
    case array([JSONNode])
    /// Named values in the order of the file; no key twice.
    case object([JSONMember])

    /// A list of values.
    package static func array(_ values: [JSONValue]) -> JSONValue {
        .array(values.map { JSONNode($0) })
    }

    /// What the value is, in words, for errors.
    package var inWords: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "the number \(value)"
        case .number(let value): "the number \(value)"
        case .string(let value): "the text \(quoted(value))"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// `["key": value]` is an object whose keys keep their order.
extension JSONValue: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(members.map { JSONMember(key: $0.0, node: JSONNode($0.1)) })
    }
}

/// A JSON value and where it begins.
package struct JSONNode: Sendable {
    /// The value.
    package var value: JSONValue
    /// The line, from 1; 0 for a value that was not read.
    package var line: Int

    /// Makes a node.
    package init(_ value: JSONValue, line: Int = 0) {
        self.value = value
        self.line = line
    }

    /// The value of a key of an object.
    package subscript(key: String) -> JSONNode? {
        guard case .object(let members) = value else { return nil }
        return members.first { $0.key == key }?.node
    }
}

/// Nodes are equal when their values are; where they stood does not matter.
extension JSONNode: Equatable {
    package static func == (a: JSONNode, b: JSONNode) -> Bool { a.value == b.value }
}

/// One key of a JSON object.
package struct JSONMember: Sendable, Equatable {
    /// The key.
    package var key: String
    /// Its value.
    package var node: JSONNode

    /// Makes a member.
    package init(key: String, node: JSONNode) {
        self.key = key
        self.node = node
    }
}

/// A text of a third party in quotation marks for an error: control characters are escaped, and
/// what goes beyond 80 characters is left out.
package func quoted(_ text: String) -> String {
    var result = "\""
    for (index, scalar) in text.unicodeScalars.enumerated() {
        if index == 80 { return result + "…\"" }
        if isControl(scalar) {
            result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

/// Whether a scalar could steer a terminal or turn the direction of the text.
func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
}
