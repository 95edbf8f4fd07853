import RefluxCore
import RefluxFiles
package import RefluxPluginHost

/// What `reflux plugin list` shows: where plugins are looked for, and what stands there. No code of
/// a plugin runs.
package struct PluginListing: Sendable, Encodable {
    /// A folder of plugins.
    struct Root: Sendable, Encodable {
        let path: String
        let origin: PluginSearch.Origin
        let exists: Bool
    }

    /// A folder with a manifest.
    struct Plugin: Sendable, Encodable {
        let folder: String
        let origin: PluginSearch.Origin
        var id: String?
        var version: String?
        var extensions: [Extension] = []
        var warnings: [String] = []
        let hiddenBy: String?
        var error: String?

        enum CodingKeys: String, CodingKey {
            case folder, origin, id, version, extensions, warnings
            case hiddenBy = "hidden_by"
            case error
        }
    }

    /// What a plugin provides.
    struct Extension: Sendable, Encodable {
        let kind: String
        let id: String
        let title: String
    }

    let searched: [Root]
    let plugins: [Plugin]
    let warnings: [String]

    /// Looks at the search path.
    package init(_ means: PluginMeans) {
        searched = means.search.roots().map {
            Root(path: $0.path, origin: $0.origin, exists: Files.isFolder($0.path))
        }
        plugins = means.search.all().map(Plugin.init)
        warnings = means.search.warnings
    }

    /// The plugins for people, then the broken ones and the folders.
    package var text: String {
        var sections: [String] = []
        let sound = plugins.filter { $0.error == nil }
        if sound.isEmpty {
            sections.append("There are no plugins on the search path.")
        } else {
            let table = TextTable(
                header: ["plugin", "version", "provides", "from"], lines: sound.map(\.line))
            sections.append(table.plain)
        }
        let broken = plugins.compactMap(\.error)
        if !broken.isEmpty {
            sections.append("Cannot be used:\n" + broken.map { "  \($0)" }.joined(separator: "\n"))
        }
        let roots = searched.map { [$0.path, $0.origin.rawValue, $0.exists ? "" : "not there"] }
        sections.append(TextTable(header: ["searched", "", ""], lines: roots).plain)
        return (sections + warnings).joined(separator: "\n\n")
    }
}

extension PluginListing.Plugin {
    fileprivate init(_ found: PluginSearch.Found) {
        folder = found.folder
        origin = found.origin
        hiddenBy = found.hiddenBy
        switch found.manifest {
        case .failure(let failure): error = failure.description
        case .success(let manifest):
            id = manifest.id
            version = manifest.version
            warnings = manifest.warnings
            extensions = manifest.provides.map {
                PluginListing.Extension(kind: $0.kind.name, id: $0.id, title: $0.title)
            }
        }
    }

    /// A line of the table.
    fileprivate var line: [String] {
        let provided = extensions.map { "\($0.id) (\($0.kind))" }.joined(separator: ", ")
        let place = hiddenBy.map { "\(folder), hidden by \($0)" } ?? folder
        return [id ?? "", version ?? "", provided, place]
    }
}
