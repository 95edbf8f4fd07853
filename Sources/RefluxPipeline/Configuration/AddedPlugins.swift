import Foundation
import RefluxCore

/// The plugins of `--plugin`, as entries of the run file's section `plugins`.
///
/// A path whose last part is the id by which the file names a plugin takes that entry's place and
/// keeps its other keys: so a plugin under work stands in for the installed one.
enum AddedPlugins {
    /// The tree of a run file with further plugins.
    ///
    /// - Parameters:
    ///   - plugins: paths and ids, as on the command line.
    ///   - root: the tree of the run file.
    /// - Returns: the tree with them.
    static func adding(_ plugins: [String], to root: ConfigurationNode) -> ConfigurationNode {
        guard !plugins.isEmpty, case .table(var sections) = root.value else { return root }
        let place = SourceLocation(path: "--plugin")
        let index = sections.firstIndex { $0.key == "plugins" }
        var entries: [ConfigurationNode] =
            switch index.map({ sections[$0].node.value }) {
            case .list(let nodes): nodes
            case .table, .string: index.map { [sections[$0].node] } ?? []
            default: []
            }
        for plugin in plugins {
            let use = ConfigurationNode(.string(plugin), at: place)
            let id = plugin.split(separator: "/").last.map(String.init) ?? plugin
            guard let named = entries.firstIndex(where: { name(of: $0) == id }) else {
                entries.append(use)
                continue
            }
            entries[named] = replacing(entries[named], by: use)
        }
        let list = ConfigurationNode(
            .list(entries), at: index.map { sections[$0].node.location } ?? place)
        if let index {
            sections[index].node = list
        } else {
            sections.append(ConfigurationEntry("plugins", list))
        }
        return ConfigurationNode(.table(sections), at: root.location)
    }

    /// What an entry of the file names.
    private static func name(of entry: ConfigurationNode) -> String? {
        if case .string(let name) = (entry["use"] ?? entry).value { name } else { nil }
    }

    private static func replacing(
        _ entry: ConfigurationNode, by use: ConfigurationNode
    ) -> ConfigurationNode {
        guard case .table(var keys) = entry.value else { return use }
        for index in keys.indices where keys[index].key == "use" { keys[index].node = use }
        return ConfigurationNode(.table(keys), at: entry.location)
    }
}
