/// A value of a JSON line whose form is not known before: the user names its fields.
indirect enum FieldValue: Decodable {
    case null
    case truth(Bool)
    case text(String)
    /// Written as JSON would: `3`, not `3.0`.
    case number(String)
    case list([FieldValue])
    case table([String: FieldValue])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if value.decodeNil() {
            self = .null
        } else if let truth = try? value.decode(Bool.self) {
            self = .truth(truth)
        } else if let whole = try? value.decode(Int.self) {
            self = .number("\(whole)")
        } else if let number = try? value.decode(Double.self) {
            self = .number("\(number)")
        } else if let list = try? value.decode([FieldValue].self) {
            self = .list(list)
        } else {
            self = .table(try value.decode([String: FieldValue].self))
        }
    }

    /// The value at a dotted path: `choices.text`, `answers.0`. A field whose own name holds dots is
    /// found by it.
    func at(_ path: String) -> FieldValue? {
        if let found = inner(path) { return found }
        guard let dot = path.firstIndex(of: ".") else { return nil }
        return inner(String(path[..<dot]))?.at(String(path[path.index(after: dot)...]))
    }

    private func inner(_ key: String) -> FieldValue? {
        switch self {
        case .table(let fields): return fields[key]
        case .list(let elements):
            guard let index = Int(key), elements.indices.contains(index) else { return nil }
            return elements[index]
        default: return nil
        }
    }

    /// The text, or the number as a text.
    var label: String? {
        switch self {
        case .text(let text), .number(let text): text
        default: nil
        }
    }

    /// The names of a table's fields.
    var names: [String] { if case .table(let fields) = self { fields.keys.sorted() } else { [] } }

    /// What it is, in words for errors.
    var words: String {
        switch self {
        case .null: "null"
        case .truth: "true or false"
        case .text: "a text"
        case .number: "a number"
        case .list: "a list"
        case .table: "a table of fields"
        }
    }
}
