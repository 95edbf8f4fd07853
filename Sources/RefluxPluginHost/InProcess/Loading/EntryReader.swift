import CRefluxPlugin
import RefluxCore

/// Reads the tables of a plugin. Nothing in them is believed before it was checked.
struct EntryReader {
    /// The library's path, for errors.
    let path: String

    /// What helps against a fault of the binary.
    static let author = "This is a fault of the plugin: tell its author."
    private static let mostExtensions: UInt64 = 1024

    /// An error of the library's.
    func error(
        _ check: PluginCheck, found: String, wanted: String, remedy: String = author
    ) -> RefluxError {
        check.error(found: found, at: SourceLocation(path: path), wanted: wanted, remedy: remedy)
    }

    /// The plugin's own table.
    func plugin(_ pointer: UnsafeRawPointer) throws -> reflux_plugin {
        let magic = pointer.loadUnaligned(as: UInt64.self)
        let wanted: UInt64 = 0x5245_464C_5558_5031
        guard magic == wanted else {
            throw error(
                .loadMagic, found: "the entry table begins with 0x\(hexadecimal(magic))",
                wanted: "REFLUX_PLUGIN_MAGIC, 0x\(hexadecimal(wanted))",
                remedy: "Build the plugin with the headers of this host.")
        }
        let plugin = try copy(
            pointer, "reflux_plugin", through: \reflux_plugin.extension_count,
            last: "extension_count", sizeOffset: 8, into: reflux_plugin())
        guard plugin.min_host_minor <= REFLUX_ABI_MINOR else {
            throw error(
                .manifestABI, found: "it needs the ABI 1.\(plugin.min_host_minor)",
                wanted: "at most 1.\(REFLUX_ABI_MINOR), which this host speaks",
                remedy: "Install a newer reflux, or an older version of the plugin.")
        }
        return plugin
    }

    /// What a plugin says of itself.
    func description(
        of plugin: reflux_plugin, extensions: [PluginExtension]
    ) throws -> PluginDescription {
        PluginDescription(
            id: try text("id of the plugin", plugin.id), name: try text("name", plugin.name),
            version: try text("version", plugin.version),
            license: try text("license", plugin.license),
            description: try text("description", plugin.description),
            language: try text("language", plugin.language, canBeAbsent: true),
            toolchain: try text("toolchain", plugin.toolchain, canBeAbsent: true),
            abiMinor: Int(plugin.abi_minor), minimumHostMinor: Int(plugin.min_host_minor),
            extensions: extensions)
    }

    /// The plugin's extensions.
    func extensions(
        of plugin: reflux_plugin
    ) throws -> [(description: PluginExtension, table: ExtensionTable)] {
        guard (1...Self.mostExtensions).contains(plugin.extension_count),
            let list = plugin.extensions
        else {
            let found =
                plugin.extensions == nil
                ? "the list of extensions is NULL"
                : "the entry lists \(plugin.extension_count) extensions"
            throw error(
                .loadEntry, found: found, wanted: "from 1 to \(Self.mostExtensions) extensions")
        }
        var taken: Set<String> = []
        return try (0..<Int(plugin.extension_count)).map { index in
            guard let pointer = list[index] else {
                throw error(
                    .loadEntry, found: "extension \(index) of the entry is NULL",
                    wanted: "a reflux_extension")
            }
            let (description, table) = try oneExtension(UnsafeRawPointer(pointer))
            guard taken.insert("\(description.kind) \(description.id)").inserted else {
                throw error(
                    .loadEntry,
                    found:
                        "the entry lists the \(description.kind.name) \(quoted(description.id)) twice",
                    wanted: "ids of their own")
            }
            return (description, table)
        }
    }

    private func oneExtension(
        _ pointer: UnsafeRawPointer
    ) throws -> (PluginExtension, ExtensionTable) {
        let raw = try copy(
            pointer, "reflux_extension", through: \reflux_extension.table, last: "table",
            into: reflux_extension())
        let id = try text("id of an extension", raw.id)
        guard PluginName.isExtensionID(id) else {
            throw error(
                .loadEntry, found: "the id of an extension is \(quoted(id))",
                wanted: "words of lower-case letters and digits, joined by hyphens")
        }
        let kindText = try text("kind of \(id)", raw.kind)
        guard let kind = PluginKind(rawValue: kindText) else {
            throw error(
                .manifestKind, found: "the kind of \(id) is \(quoted(kindText))",
                wanted: "one of \(PluginKind.allCases.map(\.rawValue).joined(separator: ", "))",
                remedy: "Install a newer reflux, or correct the plugin.")
        }
        let description = PluginExtension(
            kind: kind, id: id, title: try text("title of \(id)", raw.title),
            description: try text("description of \(id)", raw.description),
            configurationSchema: try text("config_schema of \(id)", raw.config_schema),
            concurrency: try choice("concurrency of \(id)", raw.concurrency, [.serial, .parallel]),
            isDeterministic: raw.deterministic != 0,
            stability: try choice("stability of \(id)", raw.stability, [.experimental, .stable]))
        return (description, try TableReader(reader: self, id: id).table(kind, raw.table))
    }

    /// Reads a struct with respect to its size.
    func copy<Table, Field>(
        _ pointer: UnsafeRawPointer, _ name: String, through field: KeyPath<Table, Field>,
        last: String, sizeOffset: Int = 0, into zero: Table
    ) throws -> Table {
        do throws(TableCopy.SizeFault) {
            return try TableCopy.read(
                pointer, sizeOffset: sizeOffset, minimum: TableCopy.size(through: field),
                into: zero)
        } catch {
            throw self.error(
                .loadStructSize, found: "the struct_size of its \(name) is \(error.size)",
                wanted: "from \(error.minimum) to \(TableCopy.limit)",
                remedy: "Set it to REFLUX_STRUCT_SIZE(\(name), \(last)).")
        }
    }

    private func text(
        _ name: String, _ string: reflux_string, canBeAbsent: Bool = false
    ) throws -> String {
        do throws(TextFault) {
            if let text = try BoundaryText.read(string), canBeAbsent || !text.isEmpty {
                return text
            }
        } catch {
            throw self.error(
                .loadEntry, found: "the \(name) \(error.found)", wanted: TextFault.wanted)
        }
        guard canBeAbsent else {
            throw error(.loadEntry, found: "the \(name) is empty", wanted: "a text")
        }
        return ""
    }

    private func choice<Choice>(_ name: String, _ value: Int32, _ choices: [Choice]) throws
        -> Choice
    {
        guard choices.indices.contains(Int(value)) else {
            throw error(
                .loadEntry, found: "the \(name) is \(value)",
                wanted: "a number from 0 to \(choices.count - 1)")
        }
        return choices[Int(value)]
    }
}

private func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
