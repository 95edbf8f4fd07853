import Foundation

/// Any JSON, for showing artefacts whose fields belong to a stage or to a plugin.
enum JSONValue: Codable, Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    /// The value of a key, when this is an object that holds it.
    subscript(key: String) -> JSONValue? {
        if case .object(let values) = self { values[key] } else { nil }
    }

    /// The text, when this is one.
    var text: String? { if case .string(let text) = self { text } else { nil } }

    /// The number, when this is one.
    var number: Double? { if case .number(let number) = self { number } else { nil } }

    /// Every scalar with its dotted key, sorted by key.
    var leaves: [(key: String, value: String)] {
        switch self {
        case .object(let values):
            values.sorted { $0.key < $1.key }.flatMap { name, value in
                value.leaves.map { (join(name, $0.key), $0.value) }
            }
        case .array(let values):
            values.enumerated().flatMap { index, value in
                value.leaves.map { (join("\(index)", $0.key), $0.value) }
            }
        case .null: [("", "-")]
        case .bool(let value): [("", "\(value)")]
        case .number(let value): [("", shortNumber(value))]
        case .string(let value): [("", value)]
        }
    }

    private func join(_ name: String, _ rest: String) -> String {
        rest.isEmpty ? name : "\(name).\(rest)"
    }
}

/// A number with at most three digits after the point, whole numbers without one; numbers that three
/// digits would make zero have three that matter.
func shortNumber(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e15 { return "\(Int(value))" }
    if abs(value) < 0.001 { return String(format: "%.2e", value) }
    return "\((value * 1e3).rounded() / 1e3)"
}
