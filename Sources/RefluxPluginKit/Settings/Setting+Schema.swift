extension Setting {
    /// The property of the setting in the schema.
    var schema: JSONValue {
        var members: [JSONValue.Member] = []
        switch kind {
        case .number(let bounds):
            members.append(.init("type", "number"))
            if let bounds {
                members.append(.init("minimum", .number(bounds.lowerBound)))
                members.append(.init("maximum", .number(bounds.upperBound)))
            }
        case .integer(let bounds):
            members.append(.init("type", "integer"))
            if let bounds {
                members.append(.init("minimum", .integer(bounds.lowerBound)))
                members.append(.init("maximum", .integer(bounds.upperBound)))
            }
        case .boolean: members.append(.init("type", "boolean"))
        case .text(let options):
            members.append(.init("type", "string"))
            if !options.isEmpty {
                members.append(.init("enum", .list(options.map { .text($0) })))
            }
        case .path: members += [.init("type", "string"), .init("format", "path")]
        case .numbers: members += Self.list(of: "number")
        case .integers: members += Self.list(of: "integer")
        case .texts: members += Self.list(of: "string")
        }
        if let defaultValue { members.append(.init("default", defaultValue)) }
        members.append(.init("description", .text(meaning)))
        return .object(members)
    }

    private static func list(of type: String) -> [JSONValue.Member] {
        [.init("type", "array"), .init("items", .object([.init("type", .text(type))]))]
    }
}

extension About {
    /// The JSON Schema of the settings, in the subset that hosts understand.
    var schema: JSONValue {
        // A name that stands twice is one of the problems below; the schema has to be JSON even then.
        var names: Set<String> = []
        let settings = settings.filter { names.insert($0.name).inserted }
        let required = settings.filter { $0.defaultValue == nil }.map { JSONValue.text($0.name) }
        return [
            "type": "object",
            "properties": .object(settings.map { .init($0.name, $0.schema) }),
            "required": .list(required),
            "additionalProperties": false,
        ]
    }

    /// What is wrong with the declarations, in the order in which it was found.
    var problems: [String] {
        var found: [String] = []
        var names: Set<String> = []
        for setting in settings {
            if !names.insert(setting.name).inserted {
                found.append("\(id) declares the setting \"\(setting.name)\" twice.")
            }
            if let value = setting.defaultValue, !setting.allows(value) {
                found.append(
                    "The default of \(id)'s setting \"\(setting.name)\" is \(value), but it has to "
                        + "be \(setting.wanted).")
            }
        }
        return found
    }
}
