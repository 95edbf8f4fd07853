import CRefluxPlugin
import RefluxCore

/// The entry table of a loaded library, read and checked: what the plugin says of itself, and the
/// functions of its extensions.
struct PluginEntry: @unchecked Sendable {
    /// The type of a plugin's `init`.
    typealias Initialiser =
        @convention(c) (UnsafePointer<reflux_host>?, OpaquePointer?) -> Int32

    /// What the plugin says of itself.
    let description: PluginDescription
    /// Its `init`, if it has one.
    let initialise: Initialiser?
    /// Its `deinit`, if it has one.
    let deinitialise: (@convention(c) () -> Void)?
    /// The functions of its extensions, in the order of the description.
    let tables: [ExtensionTable]

    /// Asks a library for its entry table.
    ///
    /// - Throws: `RefluxError` of the checks `library.entry` and `load.*`.
    init(of library: SharedLibrary) throws {
        let reader = EntryReader(path: library.path)
        guard let symbol = library.symbol(REFLUX_PLUGIN_ENTRY_SYMBOL) else {
            throw reader.error(
                .libraryEntry, found: "it exports no \(REFLUX_PLUGIN_ENTRY_SYMBOL)",
                wanted: "the entry function",
                remedy: "Define it, mark it with REFLUX_EXPORT, and keep it from being stripped.")
        }
        typealias Entry = @convention(c) () -> UnsafePointer<reflux_plugin>?
        guard let pointer = unsafeBitCast(symbol, to: Entry.self)() else {
            throw reader.error(
                .loadEntry, found: "\(REFLUX_PLUGIN_ENTRY_SYMBOL) returned NULL",
                wanted: "a constant table", remedy: EntryReader.author)
        }
        let plugin = try reader.plugin(UnsafeRawPointer(pointer))
        let extensions = try reader.extensions(of: plugin)
        description = try reader.description(of: plugin, extensions: extensions.map(\.description))
        tables = extensions.map(\.table)
        initialise = plugin.`init`
        deinitialise = plugin.`deinit`
    }
}

/// The functions of an extension by its kind.
enum ExtensionTable: @unchecked Sendable {
    /// A rule's.
    case rule(reflux_rule_table)
    /// An optimizer's.
    case optimizer(reflux_optimizer_table)
    /// A task's.
    case task(reflux_task_table)
    /// A teacher's.
    case teacher(reflux_teacher_table)
    /// A reward model's.
    case rewardModel(reflux_reward_model_table)
}
