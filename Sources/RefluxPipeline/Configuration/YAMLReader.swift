import RefluxCore
import Yams

/// Reads YAML into configuration nodes that know where they stood.
///
/// Plain scalars follow the core schema of YAML 1.2: `yes`, `no`, `on` and `off` are texts. Quoted
/// scalars are texts always. One document a file, keys are texts and stand once.
enum YAMLReader {
    /// The most values a file may hold after its aliases are followed: keeps a small file of nested
    /// aliases from growing without bound.
    static let nodeLimit = 100_000

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - text: the YAML.
    ///   - path: the name of the file in locations.
    ///   - key: the dotted key under which the text stands, for texts that are a part of a whole.
    /// - Returns: the root, whose locations name the file.
    /// - Throws: ``RefluxError`` of kind `usage` with line and column.
    static func read(_ text: String, path: String, key: String? = nil) throws -> ConfigurationNode {
        let root = SourceLocation(path: path, key: key)
        do {
            guard let node = try Yams.compose(yaml: text) else {
                return ConfigurationNode(.null, at: root)
            }
            var converter = YAMLConverter(path: path)
            return try converter.convert(node, key: key)
        } catch let error as YamlError {
            throw syntaxError(error, at: root)
        }
    }

    private static func syntaxError(_ error: YamlError, at root: SourceLocation) -> RefluxError {
        var place = root
        var found = "the YAML cannot be read"
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            place.line = mark.line
            place.column = mark.column
            found = [context?.text, problem].compactMap(\.self).joined(separator: ", ")
        case .duplicatedKeysInMapping(let duplicates, let context):
            place.line = context.mark.line
            place.column = context.mark.column
            let names = duplicates.map { "\"\($0)\"" }.joined(separator: ", ")
            return RefluxError(
                .usage, found: "a key stands twice in one table: \(names)", at: place,
                wanted: "every key once", remedy: "Remove one of the two.")
        case .reader(let problem, _, _, _): found = problem
        default: break
        }
        return RefluxError(
            .usage, found: "the YAML is wrong here: \(found)", at: place, wanted: "valid YAML",
            remedy: "Check indentation, brackets and quotes at and above this line.")
    }
}

/// Turns the nodes of the YAML library into ours and keeps count of them.
private struct YAMLConverter {
    let path: String
    var count = 0

    mutating func convert(_ node: Node, key: String?) throws -> ConfigurationNode {
        let place = location(of: node, key: key)
        count += 1
        guard count <= YAMLReader.nodeLimit else {
            throw RefluxError(
                .usage, found: "more than \(YAMLReader.nodeLimit) values", at: place,
                wanted: "a smaller file", remedy: "Write aliases out, or use fewer of them.")
        }
        switch node {
        case .scalar(let scalar):
            let plain = scalar.style == .plain || scalar.style == .any
            return ConfigurationNode(
                plain ? scalarValue(of: scalar.string) : .string(scalar.string), at: place)
        case .sequence(let sequence):
            let nodes = try sequence.enumerated().map { index, element in
                try convert(element, key: joined(key, "\(index)"))
            }
            return ConfigurationNode(.list(nodes), at: place)
        case .mapping(let mapping):
            return ConfigurationNode(.table(try mapping.map { try entry($0, $1, key) }), at: place)
        case .alias:
            throw RefluxError(
                .usage, found: "an alias that cannot be followed", at: place,
                wanted: "an anchor of that name above it")
        }
    }

    private mutating func entry(
        _ name: Node, _ value: Node, _ key: String?
    ) throws -> ConfigurationEntry {
        guard case .scalar(let scalar) = name else {
            throw RefluxError(
                .usage, found: "a key that is a list or a table", at: location(of: name, key: key),
                wanted: "a text as key")
        }
        var converted = try convert(value, key: joined(key, scalar.string))
        // The key's own place is where a reader looks first.
        converted.location = location(of: name, key: joined(key, scalar.string))
        return ConfigurationEntry(scalar.string, converted)
    }

    private func joined(_ key: String?, _ part: String) -> String {
        key.map { "\($0).\(part)" } ?? part
    }

    private func location(of node: Node, key: String?) -> SourceLocation {
        SourceLocation(path: path, line: node.mark?.line, column: node.mark?.column, key: key)
    }
}

/// The value of a plain scalar by the core schema of YAML 1.2.
private func scalarValue(of text: String) -> ConfigurationValue {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    default: break
    }
    guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else {
        return .string(text)
    }
    if let value = Int(text) { return .integer(value) }
    if text.hasPrefix("0x"), let value = Int(text.dropFirst(2), radix: 16) {
        return .integer(value)
    }
    if text.hasPrefix("0o"), let value = Int(text.dropFirst(2), radix: 8) { return .integer(value) }
    let isDecimal = text.utf8.allSatisfy { "+-.eE0123456789".utf8.contains($0) }
    if isDecimal, let value = Double(text), value.isFinite { return .number(value) }
    return .string(text)
}
