/// A value of JSON: settings, and the lines of the files that plugins read.
///
/// ```swift
/// let line = try JSONValue(parsing: #"{"question": "1 + 1", "answer": "2"}"#)
/// line["answer"]?.text  // "2"
/// ```
public enum JSONValue: Sendable, Equatable {
    /// Nothing.
    case null
    /// True or false.
    case boolean(Bool)
    /// A number without a fraction that fits 64 bits.
    case integer(Int)
    /// Any other number; finite.
    case number(Double)
    /// A text.
    case text(String)
    /// A list.
    case list([JSONValue])
    /// An object, its members in the order in which they were written.
    case object([Member])

    /// A name and its value in an object.
    public struct Member: Sendable, Equatable {
        /// The name, once in an object.
        public var name: String
        /// The value.
        public var value: JSONValue

        /// Makes a member.
        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }
}

extension JSONValue {
    /// The member of an object; `nil` without it, and for everything that is no object.
    public subscript(name: String) -> JSONValue? {
        members?.first { $0.name == name }?.value
    }

    /// The members of an object, otherwise `nil`.
    public var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The values of a list, otherwise `nil`.
    public var list: [JSONValue]? {
        if case .list(let values) = self { values } else { nil }
    }

    /// The text, otherwise `nil`.
    public var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The truth value, otherwise `nil`.
    public var boolean: Bool? {
        if case .boolean(let value) = self { value } else { nil }
    }

    /// The number, otherwise `nil`.
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The whole number, also when it is written with a fraction of 0; otherwise `nil`.
    public var integer: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }
}
