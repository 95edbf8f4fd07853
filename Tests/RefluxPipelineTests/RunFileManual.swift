import Foundation
import RefluxCore
import RefluxTesting

@testable import RefluxPipeline

/// The tables of `docs/run-file.md`.
struct RunFileManual {
    /// One row: a key with what is said of it.
    struct Key {
        /// The dotted key inside its section.
        let name: String
        /// Which values are allowed, in the words of an error.
        let value: String
        /// The cell of the default.
        let defaultText: String

        /// The default; `nil` for a required key, an optional one, and one that is computed.
        func defaultValue() throws -> ConfigurationValue? {
            guard defaultText.hasPrefix("`") else { return nil }
            let text = defaultText.trimmingCharacters(in: ["`"])
            return try YAMLReader.read(text, path: "docs/run-file.md").value.comparable
        }

        /// Whether the default depends on other values.
        var isComputed: Bool { defaultText.hasPrefix("*") }
    }

    /// A table: a section, or the keys that a section has with one `use`.
    struct Place: Hashable {
        let section: String
        let use: String?
    }

    /// The keys by table.
    private(set) var tables: [Place: [Key]] = [:]
    /// The tables in the order of the page.
    private(set) var places: [Place] = []

    /// The root of the package.
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// Reads the page.
    init() throws {
        let text = try String(contentsOfFile: "\(Self.root)/docs/run-file.md", encoding: .utf8)
        var place: Place?
        for line in text.components(separatedBy: "\n") {
            if let section = Self.heading("## `", line) {
                place = Place(section: section, use: nil)
            } else if let use = Self.heading("### `use: ", line), let section = place?.section {
                place = Place(section: section, use: use)
            } else if line.hasPrefix("## ") {
                place = nil
            } else if let place, line.hasPrefix("| `") {
                let cells = line.components(separatedBy: " | ")
                let name = cells[0].trimmingCharacters(in: ["|", " ", "`"])
                if tables[place] == nil { places.append(place) }
                tables[place, default: []].append(
                    Key(name: name, value: cells[1], defaultText: cells[2]))
            }
        }
    }

    /// The row of a key, as it holds for a section with a `use`.
    func key(_ name: String, section: String, use: String?) -> Key? {
        var uses = [use, nil]
        // The page says that they have the keys of the other one.
        if section == "reward", let use,
            ["pointwise", "pairwise", "implicit", "verdict"].contains(use)
        {
            uses.insert("language-model", at: 1)
        }
        return uses.lazy.compactMap { use in
            tables[Place(section: section, use: use)]?.first { $0.name == name }
        }.first
    }

    private static func heading(_ prefix: String, _ line: String) -> String? {
        guard line.hasPrefix(prefix), line.hasSuffix("`") else { return nil }
        return String(line.dropFirst(prefix.count).dropLast())
    }
}

extension ConfigurationValue {
    /// The value without places, with whole numbers and numbers made alike.
    var comparable: ConfigurationValue {
        switch self {
        case .integer(let value): .number(Double(value))
        case .list(let nodes):
            .list(
                nodes.map {
                    ConfigurationNode($0.value.comparable, at: SourceLocation(path: ""))
                })
        default: withoutPlaces
        }
    }

    /// The values of a table by dotted key; nested tables are gone into, but not what variants set.
    var leaves: [(key: String, value: ConfigurationValue)] {
        guard case .table(let entries) = self else { return [] }
        return entries.flatMap { entry -> [(key: String, value: ConfigurationValue)] in
            guard case .table = entry.node.value, entry.key != "set" else {
                return [(entry.key, entry.node.value)]
            }
            return entry.node.value.leaves.map { ("\(entry.key).\($0.key)", $0.value) }
        }
    }

    /// The tables of a section: one, or each entry of a list.
    var tables: [ConfigurationValue] {
        if case .list(let nodes) = self { nodes.map(\.value) } else { [self] }
    }
}
