package import RefluxCore

/// A value that replaces one of the run file: `--set reinforce.steps=40`, or a line of a variant.
package struct ConfigurationOverride: Sendable, Equatable {
    /// The dotted key; numbers index lists from 0.
    package let key: String
    /// The value.
    package let node: ConfigurationNode

    /// An override with a value that was read already.
    init(key: String, node: ConfigurationNode) {
        self.key = key
        self.node = node
    }

    /// Reads `key=value`; the value is YAML: `5`, `[0.6, 1]`, `"a text"`, `{use: ppo}`.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` when there is no key, or the value is not YAML.
    package init(parsing text: String) throws {
        guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
            throw RefluxError(
                .usage, found: "--set \"\(text)\"", wanted: "key=value",
                remedy: "For example --set reinforce.steps=40.")
        }
        key = String(text[..<sign])
        let value = String(text[text.index(after: sign)...])
        var node = try YAMLReader.read(value, path: "--set", key: key)
        node.location = SourceLocation(path: "--set", key: key)
        self.node = node
    }

    /// The tree with this override in it. Tables on the way that are not there are made; whether the
    /// key means anything is found out when the sections are read.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` when the way leads through a value that has no keys
    ///   or past the end of a list.
    func applied(to root: ConfigurationNode) throws -> ConfigurationNode {
        let parts = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard !parts.contains("") else {
            throw RefluxError(
                .usage, found: "the key \"\(key)\" has an empty part", at: node.location,
                wanted: "names separated by single dots")
        }
        return try replace(in: root, parts[...])
    }

    private func replace(
        in tree: ConfigurationNode, _ parts: ArraySlice<String>
    ) throws -> ConfigurationNode {
        guard let part = parts.first else { return node }
        var result = tree
        switch tree.value {
        case .null:
            let inner = ConfigurationNode(.null, at: node.location)
            let value = try replace(in: inner, parts.dropFirst())
            result = ConfigurationNode(.table([ConfigurationEntry(part, value)]), at: node.location)
        case .table(var entries):
            if let index = entries.firstIndex(where: { $0.key == part }) {
                entries[index].node = try replace(in: entries[index].node, parts.dropFirst())
            } else {
                let inner = ConfigurationNode(.null, at: node.location)
                entries.append(
                    ConfigurationEntry(part, try replace(in: inner, parts.dropFirst())))
            }
            result.value = .table(entries)
        case .list(var nodes):
            guard let index = Int(part), nodes.indices.contains(index) else {
                throw noSuchPlace(part, wanted: "an index from 0 to \(nodes.count - 1)")
            }
            nodes[index] = try replace(in: nodes[index], parts.dropFirst())
            result.value = .list(nodes)
        default:
            throw noSuchPlace(
                part, wanted: "the end of the key: \(tree.value.kindName) has no keys")
        }
        return result
    }

    private func noSuchPlace(_ part: String, wanted: String) -> RefluxError {
        RefluxError(
            .usage, found: "\"\(part)\" leads nowhere", at: node.location, wanted: wanted)
    }
}
