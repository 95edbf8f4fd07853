import CRefluxPlugin
import Glibc
import RefluxCore
import Synchronization

/// The libraries that are in this process, each loaded and initialised once, whoever asks.
enum LoadedLibraries {
    private struct Known {
        let identity: [Int64]
        let plugin: ReadyPlugin
    }

    private struct State {
        var byPath: [String: Known] = [:]
        /// What became of `init`, by the loader's handle: one library may have several paths.
        var byHandle: [UnsafeMutableRawPointer: Result<PluginLife, RefluxError>] = [:]
    }

    // Only touched while `lock` is held; the handles in it keep it from being Sendable.
    nonisolated(unsafe) private static var state = State()
    private static let lock = Mutex(())

    /// A library that was checked, loaded and ready for instances.
    ///
    /// - Throws: `RefluxError` of the checks `library.changed` and `load.*`.
    static func ready(_ library: PluginLibrary, context: PluginContext) throws -> ReadyPlugin {
        try lock.withLock { _ in
            if let known = state.byPath[library.path] {
                guard known.identity == library.identity else { throw changed(library) }
                return known.plugin
            }
            try library.confirmUnchanged()
            let shared = try SharedLibrary(library.path)
            try library.confirmUnchanged()
            let entry = try PluginEntry(of: shared)
            try EntryAgreement.check(library.manifest, entry.description)
            let life = state.byHandle[shared.handle] ?? initialise(entry, context)
            state.byHandle[shared.handle] = life
            let plugin = ReadyPlugin(entry: entry, life: try life.get())
            state.byPath[library.path] = Known(identity: library.identity, plugin: plugin)
            return plugin
        }
    }

    private static func initialise(
        _ entry: PluginEntry, _ context: PluginContext
    ) -> Result<PluginLife, RefluxError> {
        let site = CallSite(plugin: context, extensionID: nil, runSeed: 0)
        do {
            if let initialise = entry.initialise {
                let frame = CallFrame(function: "init", isLimited: false)
                _ = try site.perform(frame, failure: .loadInit) {
                    initialise(HostTable.pointer, $0)
                }
            }
            if entry.deinitialise != nil { _ = isEndWatched }
            return .success(PluginLife(deinitialise: entry.deinitialise))
        } catch let error as RefluxError {
            return .failure(error)
        } catch {
            return .failure(
                site.error(
                    .loadInit, .input, item: nil, found: "init was cancelled",
                    wanted: "a plugin that is ready", remedy: "Try again."))
        }
    }

    /// Ends the plugins when the process ends.
    private static let isEndWatched: Bool = atexit { LoadedLibraries.end() } == 0

    private static func end() {
        lock.withLock { _ in
            for case .success(let life) in state.byHandle.values { life.end() }
            state.byHandle = [:]
        }
    }

    private static func changed(_ library: PluginLibrary) -> RefluxError {
        PluginCheck.libraryChanged.error(
            found: "another version of it is loaded in this process already",
            at: SourceLocation(path: library.path), wanted: "the library that was loaded first",
            remedy: "Start the command anew.")
    }
}

/// A loaded library whose `init` succeeded.
struct ReadyPlugin: Sendable {
    /// What it says of itself, and its functions.
    let entry: PluginEntry
    /// Its instances.
    let life: PluginLife
}

/// Counts the instances of a library, for its `deinit`.
final class PluginLife: @unchecked Sendable {
    private let deinitialise: (@convention(c) () -> Void)?
    private let instances = Atomic(0)

    /// Begins with `init`.
    init(deinitialise: (@convention(c) () -> Void)?) { self.deinitialise = deinitialise }

    /// An instance was made.
    func begin() { instances.add(1, ordering: .relaxed) }

    /// An instance is gone.
    func finish() { instances.subtract(1, ordering: .releasing) }

    /// Calls `deinit`, unless there are instances still.
    func end() {
        if instances.load(ordering: .acquiring) == 0 { deinitialise?() }
    }
}
