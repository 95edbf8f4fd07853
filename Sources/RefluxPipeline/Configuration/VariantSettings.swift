import RefluxCore

/// One entry of the section `variants`: another way to go on, with some values replaced.
struct VariantSettings: Sendable {
    /// The variant's name: its folder, and the suffix of its rows in the table.
    let name: String
    /// The values that are replaced.
    let overrides: [ConfigurationOverride]

    /// Reads an entry.
    init(_ reader: ConfigurationReader) throws {
        name = try reader.requiredString("name", meaning: "the variant's name")
        guard RunSettings.isFolderName(name) else {
            throw reader.wrong(
                "name", wanted: "a name of letters, digits, \".\", \"_\" and \"-\"")
        }
        guard let set = reader.node("set"), case .table(let entries) = set.value, !entries.isEmpty
        else {
            throw reader.wrong(
                "set", wanted: "a table of dotted keys, for instance {reinforce.use: grpo}")
        }
        reader.record("set", set.value)
        let fixed = ["run.name", "variants", "plugins"]
        if let entry = entries.first(where: { fixed.contains($0.key) || $0.key == "run" }) {
            throw RefluxError(
                .usage, found: "a variant cannot set \"\(entry.key)\"", at: entry.node.location,
                wanted: "a key of a stage")
        }
        overrides = entries.map { ConfigurationOverride(key: $0.key, node: $0.node) }
        try reader.finish()
    }
}
