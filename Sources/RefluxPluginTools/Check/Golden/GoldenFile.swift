import Foundation
import RefluxCore
import RefluxFiles
import RefluxPluginHost

/// One golden case: inputs and what is expected of them, as a line of `tests/cases.jsonl` has it.
struct GoldenCase {
    /// The number of the case in its file, from 1.
    let number: Int
    /// Where the line stands.
    let location: SourceLocation
    /// The extension that it tries.
    let extensionID: String
    /// The settings that it gives.
    let configuration: ConfigurationNode
    /// The rest, by kind of extension.
    let content: ConfigurationNode
}

/// Reads the golden cases of a plugin.
enum GoldenFile {
    /// All cases in the order of the manifest and of the lines.
    ///
    /// - Throws: `RefluxError` with file and line.
    static func cases(of manifest: PluginManifest) throws -> [GoldenCase] {
        try manifest.tests.flatMap { try cases(in: "\(manifest.folder)/\($0)", of: manifest) }
    }

    private static func cases(in path: String, of manifest: PluginManifest) throws -> [GoldenCase] {
        var cases: [GoldenCase] = []
        try JSONLines.forEach(in: path) { line, number in
            let place = SourceLocation(path: path, line: number)
            cases.append(
                try goldenCase(line, number: cases.count + 1, at: place, of: manifest))
        }
        return cases
    }

    private static func goldenCase(
        _ line: Data, number: Int, at place: SourceLocation, of manifest: PluginManifest
    ) throws -> GoldenCase {
        let json = try JSONDocument.parse(Array(line), at: place, checks: .all(.manifestJSON))
        guard case .table(let entries) = value(json, at: place) else {
            throw error("no object", at: place, wanted: "a JSON object")
        }
        let name = entries.first { $0.key == "extension" }?.node.value
        let known = manifest.provides.map(\.id)
        guard case .string(let id) = name, known.contains(id) else {
            throw error(
                "a case without the id of an extension", at: place,
                wanted: "\"extension\": one of \(known.joined(separator: ", "))")
        }
        let given = entries.first { $0.key == "configuration" }?.node
        return GoldenCase(
            number: number, location: place, extensionID: id,
            configuration: substituting(given, folder: manifest.folder, at: place),
            content: ConfigurationNode(
                .table(entries.filter { !["extension", "configuration"].contains($0.key) }),
                at: place))
    }

    /// A JSON value with the place of every part.
    private static func value(_ node: JSONNode, at place: SourceLocation) -> ConfigurationValue {
        func child(_ key: String) -> SourceLocation {
            var inner = place
            inner.key = place.key.map { "\($0).\(key)" } ?? key
            return inner
        }
        switch node.value {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .integer(let value): return .integer(value)
        case .number(let value): return .number(value)
        case .string(let value): return .string(value)
        case .array(let nodes):
            return .list(
                nodes.enumerated().map { index, node in
                    let place = child("\(index)")
                    return ConfigurationNode(value(node, at: place), at: place)
                })
        case .object(let members):
            return .table(
                members.map { member in
                    let place = child(member.key)
                    return ConfigurationEntry(
                        member.key, ConfigurationNode(value(member.node, at: place), at: place))
                })
        }
    }

    /// The settings with `$PLUGIN` replaced in their texts.
    private static func substituting(
        _ given: ConfigurationNode?, folder: String, at place: SourceLocation
    ) -> ConfigurationNode {
        guard var node = given else { return ConfigurationNode(.table([]), at: place) }
        guard case .table(var entries) = node.value else { return node }
        for index in entries.indices {
            guard case .string(let text) = entries[index].node.value else { continue }
            entries[index].node.value = .string(text.replacing("$PLUGIN", with: folder))
        }
        node.value = .table(entries)
        return node
    }

    /// An error of a case.
    static func error(_ found: String, at place: SourceLocation, wanted: String) -> RefluxError {
        RefluxError(
            .input, found: found, at: place, wanted: wanted,
            remedy: "docs/plugins/checking.md tells what a case looks like.", check: "golden")
    }
}
