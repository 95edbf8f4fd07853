import RefluxCore

/// JSON texts by what they mean.
enum JSONMeaning {
    /// Whether two texts are the same JSON value, whatever the order of their keys.
    static func areEqual(_ a: String, _ b: String) -> Bool {
        guard let a = value(a), let b = value(b) else { return a == b }
        return a == b
    }

    /// Whether a text is a JSON object.
    static func isObject(_ text: String) -> Bool {
        if case .object = value(text) { true } else { false }
    }

    private static func value(_ text: String) -> JSONValue? {
        let node = try? JSONDocument.parse(Array(text.utf8), at: SourceLocation(path: ""))
        return node.map { sorted($0.value) }
    }

    /// A value with the keys of all its objects in order, and 1.0 as 1.
    private static func sorted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            let sorted = members.map {
                JSONMember(key: $0.key, node: JSONNode(Self.sorted($0.node.value)))
            }
            return .object(sorted.sorted { $0.key < $1.key })
        case .array(let nodes): return .array(nodes.map { sorted($0.value) })
        case .number(let number): return Int(exactly: number).map { .integer($0) } ?? value
        default: return value
        }
    }
}
