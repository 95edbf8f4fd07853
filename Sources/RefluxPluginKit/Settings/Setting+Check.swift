extension Setting {
    /// What values there are, for people: `a number from 0 to 1`.
    var wanted: String {
        switch kind {
        case .number(let bounds):
            bounds.map { "a number from \($0.lowerBound) to \($0.upperBound)" } ?? "a number"
        case .integer(let bounds):
            bounds.map { "a whole number from \($0.lowerBound) to \($0.upperBound)" }
                ?? "a whole number"
        case .boolean: "true or false"
        case .text(let options):
            options.isEmpty ? "a text" : "one of \(options.joined(separator: ", "))"
        case .path: "a path"
        case .numbers: "a list of numbers"
        case .integers: "a list of whole numbers"
        case .texts: "a list of texts"
        }
    }

    /// Whether a value is one of this setting.
    func allows(_ value: JSONValue) -> Bool {
        switch kind {
        case .number(let bounds): value.number.map { bounds?.contains($0) ?? true } ?? false
        case .integer(let bounds): value.integer.map { bounds?.contains($0) ?? true } ?? false
        case .boolean: value.boolean != nil
        case .text(let options):
            value.text.map { options.isEmpty || options.contains($0) } ?? false
        case .path: value.text != nil
        case .numbers: value.list?.allSatisfy { $0.number != nil } ?? false
        case .integers: value.list?.allSatisfy { $0.integer != nil } ?? false
        case .texts: value.list?.allSatisfy { $0.text != nil } ?? false
        }
    }
}
