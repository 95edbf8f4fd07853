import RefluxCore

/// Reads a part of a golden case, and refuses what nobody takes.
struct GoldenReader {
    private let reader: ConfigurationReader

    init(_ node: ConfigurationNode) throws { reader = try ConfigurationReader(node) }

    /// Refuses keys that were not read.
    func finish() throws { try reader.finish() }

    /// Whether a key is there, be it null.
    func contains(_ key: String) -> Bool { reader.contains(key) }

    /// Where a key stands.
    func place(of key: String) -> SourceLocation { reader.place(of: key) }

    /// A text, or `nil` when it is absent or null.
    func text(_ key: String) throws -> String? { try reader.optionalString(key) }

    /// A text that must be there.
    func requiredText(_ key: String) throws -> String {
        try reader.requiredString(key, meaning: "a text")
    }

    /// A truth value, or `nil` when it is absent.
    func bool(_ key: String) throws -> Bool? {
        reader.contains(key) ? try reader.bool(key, default: false) : nil
    }

    /// A number, or `nil` when it is absent or null.
    func number(_ key: String) throws -> Double? {
        try reader.optionalDouble(
            key, in: -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude)
    }

    /// A whole number, or `nil` when it is absent or null.
    func integer(_ key: String) throws -> Int? {
        try reader.optionalInt(key, in: Int.min...Int.max)
    }

    /// Numbers, or `nil` when they are absent.
    func numbers(_ key: String) throws -> [Double]? {
        try list(key, wanted: "numbers") { node in
            switch node.value {
            case .integer(let value): Double(value)
            case .number(let value): value
            default: nil
            }
        }
    }

    /// Whole numbers, or `nil` when they are absent.
    func integers(_ key: String) throws -> [Int]? {
        try list(key, wanted: "whole numbers") { node in
            if case .integer(let value) = node.value { value } else { nil }
        }
    }

    /// Texts, or `nil` when they are absent.
    func texts(_ key: String) throws -> [String]? { try list(key, wanted: "texts", Self.text) }

    /// Lists of texts, or `nil` when they are absent.
    func textLists(_ key: String) throws -> [[String]]? {
        try list(key, wanted: "lists of texts") { node in
            guard case .list(let nodes) = node.value else { return nil }
            let texts = nodes.compactMap(Self.text)
            return texts.count == nodes.count ? texts : nil
        }
    }

    /// Any values, or `nil` when they are absent.
    func nodes(_ key: String) throws -> [ConfigurationNode]? {
        try list(key, wanted: "a list") { $0 }
    }

    /// Tables of a list, or `nil` when it is absent.
    func tables(_ key: String) throws -> [GoldenReader]? { try nodes(key)?.map(GoldenReader.init) }

    /// A table, or `nil` when it is absent.
    func table(_ key: String) throws -> GoldenReader? {
        guard let node = reader.node(key) else { return nil }
        return try GoldenReader(node)
    }

    /// A table that must be there.
    func requiredTable(_ key: String) throws -> GoldenReader {
        guard let table = try table(key) else {
            throw GoldenFile.error("nothing", at: place(of: key), wanted: "\"\(key)\"")
        }
        return table
    }

    /// The names and numbers of a table, or `nil` when it is absent.
    func namedNumbers(_ key: String) throws -> [(String, Double)]? {
        guard let table = try table(key) else { return nil }
        return try table.reader.remainingKeys.map { ($0, try table.number($0) ?? .nan) }
    }

    /// The names and truth values of a table, or `nil` when it is absent.
    func namedBools(_ key: String) throws -> [(String, Bool)]? {
        guard let table = try table(key) else { return nil }
        return try table.reader.remainingKeys.map { ($0, try table.bool($0) ?? false) }
    }

    private static func text(_ node: ConfigurationNode) -> String? {
        if case .string(let text) = node.value { text } else { nil }
    }

    private func list<Element>(
        _ key: String, wanted: String, _ element: (ConfigurationNode) -> Element?
    ) throws -> [Element]? {
        guard let node = reader.node(key) else { return nil }
        guard case .list(let nodes) = node.value else {
            throw GoldenFile.error(node.value.kindName, at: node.location, wanted: "a list")
        }
        return try nodes.map { node in
            guard let value = element(node) else {
                throw GoldenFile.error(node.value.kindName, at: node.location, wanted: wanted)
            }
            return value
        }
    }
}
