import RefluxCore

/// Compares what a manifest says with what the library says, so that what a user reads before a
/// plugin is loaded is what then runs.
enum EntryAgreement {
    /// Refuses a library that disagrees with its manifest.
    ///
    /// - Throws: `RefluxError` of the check `load.agreement` that names every difference.
    static func check(_ manifest: PluginManifest, _ library: PluginDescription) throws {
        let differences = differences(manifest, library)
        guard !differences.isEmpty else { return }
        throw PluginCheck.loadAgreement.error(
            found: differences.joined(separator: "; "), at: SourceLocation(path: manifest.path),
            wanted: "what the library says",
            remedy: "Write the manifest anew with `reflux plugin manifest`.")
    }

    private static func differences(
        _ manifest: PluginManifest, _ library: PluginDescription
    ) -> [String] {
        var found: [String] = []
        compare("id", manifest.id, library.id, &found)
        compare("version", manifest.version, library.version, &found)
        compare("min_minor", manifest.abiMinimumMinor, library.minimumHostMinor, &found)
        for said in manifest.provides {
            let name = "the \(said.kind.name) \(said.id)"
            guard
                let real = library.extensions.first(where: {
                    $0.kind == said.kind && $0.id == said.id
                })
            else {
                found.append("\(name) is in the manifest, but not in the library")
                continue
            }
            compare("title of \(said.id)", said.title, real.title, &found)
            compare(
                "concurrency of \(said.id)", said.concurrency.rawValue, real.concurrency.rawValue,
                &found)
            compare(
                "deterministic of \(said.id)", said.isDeterministic, real.isDeterministic, &found)
            compare(
                "stability of \(said.id)", said.stability.rawValue, real.stability.rawValue, &found)
            if !JSONMeaning.areEqual(said.configurationSchema, real.configurationSchema) {
                found.append("the config_schema of \(said.id) differs from the library's")
            }
        }
        for real in library.extensions
        where !manifest.provides.contains(where: { $0.kind == real.kind && $0.id == real.id }) {
            found.append(
                "the \(real.kind.name) \(real.id) is in the library, but not in the manifest")
        }
        return found
    }

    private static func compare<Value: Equatable>(
        _ name: String, _ manifest: Value, _ library: Value, _ found: inout [String]
    ) {
        guard manifest != library else { return }
        found.append(
            "the \(name) is \(quoted("\(manifest)")) here and \(quoted("\(library)")) in the library"
        )
    }
}
