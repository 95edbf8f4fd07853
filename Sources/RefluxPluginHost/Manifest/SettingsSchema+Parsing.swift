import RefluxCore

extension SettingsSchema {
    private static let remedy = "The schemas that plugins may use are in docs/plugins/manifest.md."

    /// Reads a schema that is part of a file.
    init(_ node: JSONNode, for kind: PluginKind, file: String, key: String) throws {
        let reader = try Self.reader(
            node, file: file, key: key,
            known: ["type", "properties", "required", "additionalProperties"])
        guard try reader.required("type", "the text \"object\"").value == .string("object") else {
            throw reader.wrong("type", wanted: "the text \"object\"")
        }
        if let additional = reader["additionalProperties"], additional.value != .bool(false) {
            throw reader.wrong("additionalProperties", wanted: "false")
        }
        guard case .object(let members) = try reader.required("properties", "an object").value
        else {
            throw reader.wrong("properties", wanted: "an object")
        }
        let required = try reader.texts("required")
        let names = Set(members.map(\.key))
        if let stray = required.first(where: { !names.contains($0) }) {
            throw reader.wrong(
                "required", wanted: "only names of properties", found: quoted(stray),
                remedy: nearestName(to: stray, in: members.map(\.key)).map {
                    "Did you mean \(quoted($0))?"
                })
        }
        let requiredNames = Set(required)
        let taken = Self.reservedNames(for: kind)
        properties = try members.map { member in
            let key = "\(reader.dotted("properties")).\(member.key)"
            let reader = try Self.reader(
                member.node, file: file, key: key,
                known: [
                    "type", "default", "description", "minimum", "maximum", "enum", "items",
                    "format",
                ])
            try Self.checkName(member, kind: kind, taken: taken, at: reader)
            return try Property(
                name: member.key, reader, isRequired: requiredNames.contains(member.key))
        }
    }

    static func reader(_ node: JSONNode, file: String, key: String, known: [String]) throws
        -> JSONFieldReader
    {
        let reader = try JSONFieldReader(
            node, key: key, file: file, known: known, check: .manifestSchema, remedy: remedy)
        guard var stray = reader.unknown().first else { return reader }
        stray.check = PluginCheck.manifestSchema.rawValue
        stray.wanted = "only \(known.joined(separator: ", "))"
        if stray.remedy == "Remove it." {
            stray.remedy = "Remove it; what a schema cannot say is checked by the plugin's create."
        }
        throw stray
    }

    private static func checkName(
        _ member: JSONMember, kind: PluginKind, taken: [String], at reader: JSONFieldReader
    ) throws {
        var place = reader.place(of: "")
        place.key = reader.dotted("").dropLast().description
        guard PluginName.isSetting(member.key) else {
            throw PluginCheck.manifestSchema.error(
                found: "a setting with the name \(quoted(member.key))", at: place,
                wanted: "lower-case words and digits joined by underscores, at most 64 bytes",
                remedy: "Rename it.")
        }
        guard !taken.contains(member.key) else {
            throw PluginCheck.manifestSchema.error(
                found: "a setting with the name \"\(member.key)\"", at: place,
                wanted: "a name that the host does not read itself beside a \(kind.name)",
                remedy: "Rename it. Taken: \(taken.joined(separator: ", ")).")
        }
    }
}

extension SettingsSchema.Property {
    fileprivate init(name: String, _ reader: JSONFieldReader, isRequired: Bool) throws {
        self.name = name
        type = try reader.choice("type")
        description = try reader.text("description", lines: true)
        items = nil
        choices = []
        isPath = false
        try readKeywords(reader)
        guard let node = reader["default"] else {
            guard isRequired else {
                throw reader.wrong(
                    "default", wanted: "a default, or the name in \"required\"",
                    found: "a setting without a default that is not required")
            }
            return
        }
        guard !isRequired else {
            throw reader.wrong(
                "default", wanted: "either a default or the name in \"required\"",
                found: "a default of a setting that is required")
        }
        guard let value = accept(node.value) else {
            throw reader.wrong("default", wanted: wanted)
        }
        if isPath, case .string(let text) = value, !text.isEmpty, !text.hasPrefix("/") {
            throw reader.wrong(
                "default", wanted: "an absolute path, or an empty text for no file")
        }
        defaultValue = value
    }

    private mutating func readKeywords(_ reader: JSONFieldReader) throws {
        minimum = try bound("minimum", reader)
        maximum = try bound("maximum", reader)
        if let minimum, let maximum, minimum > maximum {
            throw reader.wrong("maximum", wanted: "at least the minimum, \(words(minimum))")
        }
        if reader["enum"] != nil {
            try require(.string, for: "enum", reader)
            choices = try reader.texts("enum")
            guard !choices.isEmpty else {
                throw reader.wrong(
                    "enum", wanted: "a list of texts that is not empty",
                    found: "an empty list")
            }
        }
        if let format = reader["format"] {
            try require(.string, for: "format", reader)
            guard format.value == .string("path"), choices.isEmpty else {
                throw reader.wrong("format", wanted: "the text \"path\", without \"enum\"")
            }
            isPath = true
        }
        guard type == .array || reader["items"] != nil else { return }
        try require(.array, for: "items", reader)
        let element = try SettingsSchema.reader(
            try reader.required("items", "the type of the elements, {\"type\": …}"),
            file: reader.place(of: "items").path,
            key: reader.dotted("items"), known: ["type"])
        let type: SettingsSchema.ValueType = try element.choice("type")
        guard [.number, .integer, .string].contains(type) else {
            throw element.wrong("type", wanted: "one of number, integer, string")
        }
        items = type
    }

    private func bound(_ field: String, _ reader: JSONFieldReader) throws -> Double? {
        guard let node = reader[field] else { return nil }
        guard type == .number || type == .integer else {
            throw reader.wrong(
                field, wanted: "it only beside the type number or integer",
                found: "\"\(field)\" beside the type \(type.rawValue)")
        }
        switch node.value {
        case .integer(let value): return Double(value)
        case .number(let value) where type == .number: return value
        default:
            throw reader.wrong(field, wanted: type == .integer ? "a whole number" : "a number")
        }
    }

    private func require(
        _ wanted: SettingsSchema.ValueType, for field: String, _ reader: JSONFieldReader
    ) throws {
        guard type != wanted else { return }
        throw reader.wrong(
            field, wanted: "it only beside the type \(wanted.rawValue)",
            found: "\"\(field)\" beside the type \(type.rawValue)")
    }
}
