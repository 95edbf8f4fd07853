import Foundation
import RefluxCore
import RefluxFiles

/// Writes configuration nodes as YAML that ``YAMLReader`` reads back to the same values.
enum YAMLWriter {
    /// The text of a node: tables a key a line, lists of scalars on one line.
    static func text(of node: ConfigurationNode) -> String {
        switch node.value {
        case .table(let entries) where !entries.isEmpty: block(entries, indent: "")
        default: inline(node.value) + "\n"
        }
    }

    private static func block(_ entries: [ConfigurationEntry], indent: String) -> String {
        entries.map { entry in
            let head = "\(indent)\(quotedIfNeeded(entry.key)):"
            switch entry.node.value {
            case .table(let inner) where !inner.isEmpty:
                return "\(head)\n\(block(inner, indent: indent + "  "))"
            case .list(let nodes) where nodes.contains(where: \.isTable):
                return "\(head)\n" + nodes.map { item($0, indent: indent + "  ") }.joined()
            default: return "\(head) \(inline(entry.node.value))\n"
            }
        }.joined()
    }

    private static func item(_ node: ConfigurationNode, indent: String) -> String {
        guard case .table(let entries) = node.value, !entries.isEmpty else {
            return "\(indent)- \(inline(node.value))\n"
        }
        let lines = block(entries, indent: indent + "  ")
        return "\(indent)- \(lines.dropFirst(indent.count + 2))"
    }

    /// A value on one line.
    static func inline(_ value: ConfigurationValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let text): quotedIfNeeded(text)
        case .list(let nodes): "[\(nodes.map { inline($0.value) }.joined(separator: ", "))]"
        case .table(let entries):
            "{\(entries.map { "\(quotedIfNeeded($0.key)): \(inline($0.node.value))" }.joined(separator: ", "))}"
        }
    }

    /// Texts that could be taken for anything else are quoted as in JSON, which is YAML too.
    private static func quotedIfNeeded(_ text: String) -> String {
        let words: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
        let isPlain =
            (text.utf8.first.map { isLetter($0) || $0 == UInt8(ascii: "/") } ?? false)
            && text.utf8.allSatisfy { isLetter($0) || "0123456789_-./".utf8.contains($0) }
            && !words.contains(text.lowercased())
        return isPlain ? text : quoted(text)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                result += String(format: "\\x%02X", scalar.value)
            case "\u{2028}", "\u{2029}", "\u{FEFF}":
                result += String(format: "\\u%04X", scalar.value)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}

extension ConfigurationNode {
    /// Whether the node is a table with keys.
    fileprivate var isTable: Bool {
        if case .table(let entries) = value { !entries.isEmpty } else { false }
    }
}
