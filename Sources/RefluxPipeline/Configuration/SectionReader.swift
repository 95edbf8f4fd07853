import RefluxCore
import RefluxPluginHost

/// Reads the sections of a run file one by one and collects their resolved forms.
final class SectionReader {
    /// The sections in the order in which people read a run.
    static let names = [
        "run", "prepare", "task", "teachers", "student", "label", "warmup", "sample", "reward",
        "reinforce", "evaluate", "plugins", "variants",
    ]

    private let root: ConfigurationReader

    /// Starts reading; sections that do not exist are refused at once.
    ///
    /// - Throws: ``RefluxError`` of kind `usage`: not a table, an unknown section.
    init(_ source: ConfigurationNode) throws {
        root = try ConfigurationReader(source)
        for name in Self.names { _ = root.node(name) }
        try root.finish()
    }

    /// Whether the file holds a section.
    func has(_ name: String) -> Bool { root.node(name) != nil }

    /// The reader of a section; one that is not there is empty.
    func table(_ name: String) throws -> ConfigurationReader { try root.table(name) }

    /// The readers of a section that is a list.
    func tables(_ name: String) throws -> [ConfigurationReader] { try root.tables(name) }

    /// A wrong value of a section, as an error to throw.
    func wrong(_ name: String, wanted: String, remedy: String? = nil) -> RefluxError {
        RefluxError(
            .usage, found: has(name) ? "an empty section \"\(name)\"" : "no section \"\(name)\"",
            at: root.place(of: name), wanted: wanted, remedy: remedy)
    }

    /// Notes the resolved form of a section.
    func record(_ name: String, _ value: ConfigurationValue) { root.record(name, value) }

    /// Reads a section that belongs to one settings type alone.
    func whole<Settings>(
        _ name: String, _ make: (ConfigurationReader) throws -> Settings
    ) throws -> Settings {
        let reader = try table(name)
        let settings = try make(reader)
        try reader.finish()
        record(name, reader.resolved.value)
        return settings
    }

    /// Reads the section `variants`.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` when a name stands twice.
    func variants() throws -> [VariantSettings] {
        let readers = try tables("variants")
        let variants = try readers.map(VariantSettings.init)
        for (index, variant) in variants.enumerated()
        where variants[..<index].contains(where: { $0.name == variant.name }) {
            throw readers[index].wrong("name", wanted: "a name that no other variant has")
        }
        if !readers.isEmpty { record("variants", .list(readers.map(\.resolved))) }
        return variants
    }

    /// Reads the section `plugins`: texts and tables.
    func plugins() throws -> [PluginChoice] {
        guard let node = root.node("plugins") else { return [] }
        let nodes = if case .list(let list) = node.value { list } else { [node] }
        var resolved: [ConfigurationNode] = []
        let entries = try nodes.map { node in
            try PluginChoice(node) { resolved.append($0) }
        }
        record("plugins", .list(resolved))
        return entries
    }

    /// All that was read, with every default, in the order of ``names``.
    var resolved: ConfigurationNode {
        var node = root.resolved
        if case .table(let entries) = node.value {
            node.value = .table(
                Self.names.compactMap { name in entries.first { $0.key == name } })
        }
        return node
    }
}

/// Makes the parts that sections name, for the check of a run file.
struct PartReader {
    /// The sections of the file.
    let sections: SectionReader
    /// The replaceable parts.
    let registry: ExtensionRegistry
    /// What factories are given.
    let context: BuildContext

    /// Reads a section that names a part, and makes the part.
    func part<Settings, Part>(
        _ section: String, _ kind: ExtensionKind<Part>,
        _ settings: (ConfigurationReader) throws -> Settings, default fallback: String? = nil
    ) throws -> MadePart<Settings, Part> {
        let made = try RunConfiguration.make(
            kind, sections.table(section), settings: settings, default: fallback,
            registry: registry, context: context)
        sections.record(section, made.resolved.value)
        return made
    }

    /// Reads the section `teachers`, and makes them.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` when there is none.
    func teachers() throws -> [MadePart<TeacherSettings, any TeacherSource>] {
        let readers = try sections.tables("teachers")
        guard !readers.isEmpty else {
            throw sections.wrong(
                "teachers", wanted: "at least one teacher",
                remedy: "For example teachers: [{use: local-model, model: path/to/model}].")
        }
        let teachers = try readers.map { reader in
            try RunConfiguration.make(
                .teacher, reader, settings: TeacherSettings.init, registry: registry,
                context: context)
        }
        sections.record("teachers", .list(teachers.map(\.resolved)))
        return teachers
    }
}
