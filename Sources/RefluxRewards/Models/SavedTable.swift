import RefluxCore

/// A table of the run file as JSON, for parts that are made again when what they belong to is loaded.
/// The keys of a table come back in the order of the alphabet.
struct SavedTable: Sendable, Codable, Equatable {
    /// The table.
    var value: ConfigurationValue

    /// Keeps a value.
    init(_ value: ConfigurationValue) { self.value = value }

    /// The value as a node of the file it was saved in.
    func node(at location: SourceLocation) -> ConfigurationNode { node(value, at: location) }

    private func node(
        _ value: ConfigurationValue, at location: SourceLocation
    ) -> ConfigurationNode {
        let moved: ConfigurationValue =
            switch value {
            case .list(let nodes): .list(nodes.map { node($0.value, at: location) })
            case .table(let entries):
                .table(
                    entries.map { entry in
                        var place = location
                        place.key = location.key.map { "\($0).\(entry.key)" } ?? entry.key
                        return ConfigurationEntry(entry.key, node(entry.node.value, at: place))
                    })
            default: value
            }
        return ConfigurationNode(moved, at: location)
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        switch value {
        case .table(let entries):
            var container = encoder.container(keyedBy: Key.self)
            for entry in entries {
                try container.encode(SavedTable(entry.node.value), forKey: Key(entry.key))
            }
        case .list(let nodes):
            var container = encoder.unkeyedContainer()
            for node in nodes { try container.encode(SavedTable(node.value)) }
        default:
            var container = encoder.singleValueContainer()
            switch value {
            case .bool(let value): try container.encode(value)
            case .integer(let value): try container.encode(value)
            case .number(let value): try container.encode(value)
            case .string(let value): try container.encode(value)
            default: try container.encodeNil()
            }
        }
    }

    init(from decoder: any Decoder) throws {
        let nowhere = SourceLocation(path: "")
        if let container = try? decoder.container(keyedBy: Key.self) {
            value = .table(
                try container.allKeys.sorted { $0.stringValue < $1.stringValue }.map { key in
                    let saved = try container.decode(SavedTable.self, forKey: key)
                    return ConfigurationEntry(
                        key.stringValue, ConfigurationNode(saved.value, at: nowhere))
                })
        } else if var container = try? decoder.unkeyedContainer() {
            var nodes: [ConfigurationNode] = []
            while !container.isAtEnd {
                let saved = try container.decode(SavedTable.self)
                nodes.append(ConfigurationNode(saved.value, at: nowhere))
            }
            value = .list(nodes)
        } else {
            value = try Self.scalar(try decoder.singleValueContainer())
        }
    }

    private static func scalar(
        _ container: any SingleValueDecodingContainer
    ) throws -> ConfigurationValue {
        if container.decodeNil() { return .null }
        if let value = try? container.decode(Bool.self) { return .bool(value) }
        if let value = try? container.decode(Int.self) { return .integer(value) }
        if let value = try? container.decode(Double.self) { return .number(value) }
        return .string(try container.decode(String.self))
    }
}
