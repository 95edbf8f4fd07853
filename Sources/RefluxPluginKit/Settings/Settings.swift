/// The values of an extension's settings: what the user wrote, or the defaults.
///
/// Every getter throws ``PluginError`` for a name that ``About/settings`` does not declare, or that
/// it declares with another type.
public struct Settings: Sendable {
    /// The id of the extension, for errors.
    let owner: String
    /// Every declared setting with its value, in the order of declaration.
    let values: [(setting: Setting, value: JSONValue)]

    /// Reads settings from JSON.
    ///
    /// - Parameters:
    ///   - json: an object; what it leaves out has its default.
    ///   - about: the extension that declares the settings.
    /// - Throws: ``PluginError`` for a key that is not declared, a value that is not allowed, and a
    ///   required one that is missing.
    public init(_ json: JSONValue, for about: About) throws {
        guard let members = json.members else {
            throw PluginError("The settings of \(about.id) are \(json), wanted an object.")
        }
        owner = about.id
        let names = about.settings.map(\.name)
        if let unknown = members.first(where: { !names.contains($0.name) }) {
            throw PluginError(
                "\(about.id) has no setting \"\(unknown.name)\". Its settings: "
                    + (names.isEmpty ? "none." : names.joined(separator: ", ") + "."))
        }
        values = try about.settings.map { setting in
            guard let value = json[setting.name] ?? setting.defaultValue else {
                throw PluginError(
                    "\(about.id) needs the setting \"\(setting.name)\": \(setting.wanted).")
            }
            guard setting.allows(value) else {
                throw PluginError(
                    "\(about.id)'s setting \"\(setting.name)\" is \(value), wanted "
                        + "\(setting.wanted).")
            }
            return (setting, value)
        }
    }

    /// Every setting with its value, as a JSON object: the effective configuration.
    public var json: JSONValue { .object(values.map { .init($0.setting.name, $0.value) }) }

    /// The value of a number.
    public func number(_ name: String) throws -> Double {
        try value(name, "number") { $0.number }
    }

    /// The value of a whole number.
    public func integer(_ name: String) throws -> Int {
        try value(name, "integer") { $0.integer }
    }

    /// The value of true or false.
    public func boolean(_ name: String) throws -> Bool {
        try value(name, "boolean") { $0.boolean }
    }

    /// The value of a text.
    public func text(_ name: String) throws -> String {
        try value(name, "text") { $0.text }
    }

    /// The value of a text with options, as a case of an enumeration with the same texts.
    public func choice<Choice: RawRepresentable<String>>(_ name: String) throws -> Choice {
        try value(name, "choice") { $0.text.flatMap(Choice.init(rawValue:)) }
    }

    /// An absolute path.
    public func path(_ name: String) throws -> String {
        try value(name, "path") { $0.text }
    }

    /// The values of a list of numbers.
    public func numbers(_ name: String) throws -> [Double] {
        try value(name, "numbers") { $0.elements(\.number) }
    }

    /// The values of a list of whole numbers.
    public func integers(_ name: String) throws -> [Int] {
        try value(name, "integers") { $0.elements(\.integer) }
    }

    /// The values of a list of texts.
    public func texts(_ name: String) throws -> [String] {
        try value(name, "texts") { $0.elements(\.text) }
    }

    private func value<Value>(
        _ name: String, _ getter: String, _ read: (JSONValue) -> Value?
    ) throws -> Value {
        guard let found = values.first(where: { $0.setting.name == name }) else {
            throw PluginError(
                "\(owner) asks for the setting \"\(name)\", which it does not declare. Declared: "
                    + values.map(\.setting.name).joined(separator: ", ") + ".")
        }
        guard let value = read(found.value) else {
            throw PluginError(
                "\(owner) reads its setting \"\(name)\" with `\(getter)`, but declares it as "
                    + "\(found.setting.wanted); the value is \(found.value).")
        }
        return value
    }
}

extension JSONValue {
    /// The elements of a list, `nil` unless every one can be read.
    fileprivate func elements<Value>(_ read: (JSONValue) -> Value?) -> [Value]? {
        guard let list else { return nil }
        let values = list.compactMap(read)
        return values.count == list.count ? values : nil
    }
}
