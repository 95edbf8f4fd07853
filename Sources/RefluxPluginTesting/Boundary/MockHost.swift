import CRefluxPlugin
public import RefluxPluginKit
import Synchronization

/// A host for tests: drives a plugin through its C table, in the same process, and checks what a real
/// host checks: filled buffers, finite numbers, guards around the buffers, unchanged inputs.
///
/// ```swift
/// @Test("a response without an answer earns nothing") func noAnswer() throws {
///     let host = try MockHost(entry: refluxPluginEntry())
///     let rule = try host.rule("any-answer", settings: ["otherwise": 0.1])
///     let judgement = try rule.judge(responses: [Response("4", answer: "4"), Response("dunno")])
///     #expect(judgement.verdicts == [.reward(1), .reward(0.1)])
/// }
/// ```
///
/// **Threads.** Any. **Errors.** ``MockHostError``.
public final class MockHost: Sendable {
    /// The seed of the runs.
    public let seed: UInt64
    /// The folder against which relative paths would be resolved.
    public let baseFolder: String
    /// The plugin's id.
    public let pluginID: String
    /// The plugin's version.
    public let pluginVersion: String
    let extensions: [ExtensionTable]
    private let state = Mutex(State())

    private struct State: Sendable {
        var journal = Journal()
        var isCancelled = false
        var timeLimit: Duration?
    }

    /// Starts a plugin.
    ///
    /// - Parameters:
    ///   - entry: the call of the plugin's entry function.
    ///   - seed: the seed of the runs.
    ///   - baseFolder: an absolute folder.
    /// - Throws: ``MockHostError`` when the table is not one that a host takes, or `init` fails.
    public init(
        entry: @autoclosure () -> PluginTable, seed: UInt64 = 17, baseFolder: String = "/"
    ) throws {
        let table = entry()
        guard table == entry() else {
            throw MockHostError.contract("The entry returns another table every time.")
        }
        let plugin = table.pointee
        guard plugin.magic == Code.pluginMagic,
            plugin.struct_size >= structSize(through: \reflux_plugin.extension_count)
        else { throw MockHostError.contract("The table has no magic number or is too short.") }
        self.seed = seed
        self.baseFolder = baseFolder
        pluginID = plugin.id.text ?? ""
        pluginVersion = plugin.version.text ?? ""
        extensions = try ExtensionTable.all(of: plugin)
        if let start = plugin.`init` {
            try call(pluginID) { start(ServiceTable.pointer, $0.pointer) }
        }
    }

    /// What the plugin said so far.
    public var journal: Journal { state.withLock { $0.journal } }

    /// The kinds and ids of the extensions, as `pseudo-reward-rule/1 any-answer`.
    public var provides: [String] { extensions.map { "\($0.kind) \($0.id)" } }

    /// The JSON Schema of an extension's settings; `nil` for an unknown id.
    public func schema(of id: String) -> JSONValue? { extensions.first { $0.id == id }?.schema }

    /// Whether calls are told to end, from now on and while they run.
    public var isCancelled: Bool {
        get { state.withLock { $0.isCancelled } }
        set { state.withLock { $0.isCancelled = newValue } }
    }

    /// The time that every call is told that it has; `nil` for no limit.
    public var timeLimit: Duration? {
        get { state.withLock { $0.timeLimit } }
        set { state.withLock { $0.timeLimit = newValue } }
    }

    /// Makes one call and keeps what was said during it.
    @discardableResult
    func call(
        _ owner: String, item: Int = 0, _ body: (CallRecord) throws -> Int32
    ) throws -> CallRecord {
        let record = CallRecord(
            seed: seed, owner: owner, item: item, isCancelled: { self.isCancelled },
            remaining: timeLimit)
        let status = try withExtendedLifetime(record) { try body(record) }
        let (journal, text) = record.state.withLock { ($0.journal, $0.errorText) }
        state.withLock { $0.journal.append(journal) }
        let reason = text ?? "\(owner) gave no reason"
        switch status {
        case Code.ok: return record
        case Code.error, Code.outOfMemory: throw MockHostError(kind: .failed, text: reason)
        case Code.cancelled: throw MockHostError(kind: .cancelled, text: reason)
        case Code.unsupported: throw MockHostError(kind: .unsupported, text: reason)
        default: throw MockHostError.contract("\(owner) returned the unknown status \(status).")
        }
    }
}
