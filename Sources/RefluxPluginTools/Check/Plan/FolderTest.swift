import RefluxCore
import RefluxFiles
import RefluxPluginHost

/// The tests of what lies in the plugin's folder beside manifest and library.
enum FolderTest: String, Sendable, CaseIterable {
    case texts = "folder.texts"
    case readme = "folder.readme"
    case licence = "folder.license"
    case cases = "folder.cases"

    /// What it tests, in a line.
    var line: String {
        switch self {
        case .texts: "plugin and extensions have titles and descriptions"
        case .readme: "there is a README.md"
        case .licence: "the license is named as SPDX does it"
        case .cases: "the golden cases that the manifest lists are there"
        }
    }

    /// Carries the test out.
    ///
    /// - Throws: `RefluxError` when it fails.
    func run(_ manifest: PluginManifest) throws {
        switch self {
        case .texts: try checkTexts(manifest)
        case .readme:
            try checkFile("README.md", manifest, remedy: "Say there what the plugin does.")
        case .licence: try checkLicence(manifest)
        case .cases:
            for path in manifest.tests {
                try checkFile(path, manifest, remedy: "Put it there, or take it off the list.")
            }
        }
    }

    private func checkTexts(_ manifest: PluginManifest) throws {
        let texts =
            [("name", manifest.name), ("description", manifest.description)]
            + manifest.provides.flatMap {
                [("\($0.id): title", $0.title), ("\($0.id): description", $0.description)]
            }
        for (key, text) in texts where text.allSatisfy(\.isWhitespace) {
            throw error("an empty text", at: manifest.path, key: key, wanted: "words for people")
        }
    }

    private func checkFile(_ name: String, _ manifest: PluginManifest, remedy: String) throws {
        let path = "\(manifest.folder)/\(name)"
        guard Files.exists(path), !Files.isFolder(path), try !Files.read(path).isEmpty else {
            throw error("no such file, or an empty one", at: path, wanted: "a file", remedy: remedy)
        }
    }

    private func checkLicence(_ manifest: PluginManifest) throws {
        let isExpression =
            manifest.license.wholeMatch(of: /[A-Za-z0-9.+:()\-]+( [A-Za-z0-9.+:()\-]+)*/) != nil
        guard isExpression else {
            throw error(
                "the license \"\(manifest.license)\"", at: manifest.path, key: "license",
                wanted: "an SPDX expression, for instance Apache-2.0 or MIT OR Apache-2.0",
                remedy: "The list is at https://spdx.org/licenses/.")
        }
    }

    private func error(
        _ found: String, at path: String, key: String? = nil, wanted: String,
        remedy: String = "Fill it in and build the manifest again."
    ) -> RefluxError {
        RefluxError(
            .input, found: found, at: SourceLocation(path: path, key: key), wanted: wanted,
            remedy: remedy, check: rawValue)
    }
}
