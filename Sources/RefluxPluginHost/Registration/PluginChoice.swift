public import RefluxCore

/// One entry of the run file's section `plugins`, or one `--plugin` of the command line: which plugin
/// is enabled, and how it runs.
public struct PluginChoice: Sendable, Equatable {
    /// Where the code of a plugin runs.
    public enum Isolation: String, Sendable, CaseIterable, Codable {
        /// In the process of Reflux, with all the user's rights: a crash ends the run.
        case none
        /// In a process of its own: crashes, hangs and memory are contained.
        case process
    }

    /// A path, recognised by its slash, or the id of a plugin on the search path.
    public var use: String
    /// Where its code runs.
    public var isolation: Isolation
    /// The most memory of its process, in MiB. Counts with ``Isolation/process`` only.
    public var memoryMegabytes: Int
    /// The most seconds of one call of a rule, optimizer, task or of `score`.
    public var callLimit: Double
    /// Where it was named.
    public var location: SourceLocation

    /// Makes an entry.
    public init(
        use: String, isolation: Isolation = .none, memoryMegabytes: Int = 4096,
        callLimit: Double = 60, location: SourceLocation
    ) {
        self.use = use
        self.isolation = isolation
        self.memoryMegabytes = memoryMegabytes
        self.callLimit = callLimit
        self.location = location
    }

    /// Reads an entry: a text, or a table with the key `use`.
    ///
    /// - Parameters:
    ///   - node: the entry.
    ///   - record: is given the entry as a table with every default.
    /// - Throws: `RefluxError` of kind `usage`.
    public init(_ node: ConfigurationNode, record: (ConfigurationNode) -> Void) throws {
        var table = node
        if case .string = node.value {
            table.value = .table([ConfigurationEntry("use", node)])
        }
        let reader = try ConfigurationReader(table)
        self.init(
            use: try reader.requiredString("use", meaning: "the path or the id of a plugin"),
            isolation: try reader.choice("isolation", default: Isolation.none),
            memoryMegabytes: try reader.int("memory_mb", default: 4096, in: 64...16_777_216),
            callLimit: try reader.double("call_limit", default: 60, in: 0.01...86_400),
            location: reader.place(of: "use"))
        guard !use.isEmpty else {
            throw reader.wrong("use", wanted: "the path or the id of a plugin")
        }
        try reader.finish()
        record(reader.resolved)
    }

    /// Whether ``use`` is a path and no id.
    var isPath: Bool { use.contains("/") }
}
