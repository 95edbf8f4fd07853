/// Writes JSON text: keys in the order of the value, whole numbers as they are, other numbers by
/// the shortest text that reads back as the same number.
extension JSONValue {
    /// The value on one line, without white space.
    package var compactText: String {
        var text = ""
        write(to: &text, indentation: nil)
        return text
    }

    /// The value with line breaks and two spaces a level, ended by a line feed. Lists of texts and
    /// numbers stay on one line.
    package var prettyText: String {
        var text = ""
        write(to: &text, indentation: 0)
        return text + "\n"
    }

    private func write(to text: inout String, indentation: Int?) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += "\(value)"
        case .integer(let value): text += "\(value)"
        case .number(let value): text += "\(value)"
        case .string(let value): Self.write(value, to: &text)
        case .array(let nodes):
            let isFlat = nodes.allSatisfy { !$0.value.isNested }
            write(
                nodes, between: "[", "]", to: &text, indentation: isFlat ? nil : indentation,
                separator: isFlat && indentation != nil ? ", " : ","
            ) { node, text, indentation in
                node.value.write(to: &text, indentation: indentation)
            }
        case .object(let members):
            write(members, between: "{", "}", to: &text, indentation: indentation) {
                member, text, indentation in
                Self.write(member.key, to: &text)
                text += indentation == nil ? ":" : ": "
                member.node.value.write(to: &text, indentation: indentation)
            }
        }
    }

    private func write<Item>(
        _ items: [Item], between open: String, _ close: String, to text: inout String,
        indentation: Int?, separator: String = ",",
        _ writeItem: (Item, inout String, Int?) -> Void
    ) {
        text += open
        let inner = indentation.map { $0 + 2 }
        for (index, item) in items.enumerated() {
            if index > 0 { text += separator }
            if let inner { text += "\n" + String(repeating: " ", count: inner) }
            writeItem(item, &text, inner)
        }
        if let indentation, !items.isEmpty {
            text += "\n" + String(repeating: " ", count: indentation)
        }
        text += close
    }

    private var isNested: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\r": text += "\\r"
            case "\0"..."\u{1F}", "\u{7F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
