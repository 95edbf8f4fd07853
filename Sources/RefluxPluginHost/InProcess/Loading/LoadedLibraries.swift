import CRefluxPlugin
import RefluxCore
import Synchronization

/// The libraries that are in this process, each loaded and initialised once, whoever asks.
enum LoadedLibraries {
    private struct Known {
        let identity: [Int64]
        let entry: PluginEntry
    }

    private struct State {
        var byPath: [String: Known] = [:]
        /// What became of `init`, by the loader's handle: one library may have several paths.
        var initialised: [UnsafeMutableRawPointer: Result<Void, RefluxError>] = [:]
    }

    nonisolated(unsafe) private static var state = State()
    private static let lock = Mutex(())

    /// The entry of a library that was checked, ready for instances.
    ///
    /// - Throws: `RefluxError` of the checks `library.changed` and `load.*`.
    static func entry(of library: PluginLibrary, context: PluginContext) throws -> PluginEntry {
        try lock.withLock { _ in
            if let known = state.byPath[library.path] {
                guard known.identity == library.identity else { throw changed(library) }
                return known.entry
            }
            let shared = try SharedLibrary(library.path)
            let entry = try PluginEntry(of: shared)
            try EntryAgreement.check(library.manifest, entry.description)
            let result = state.initialised[shared.handle] ?? initialise(entry, context)
            state.initialised[shared.handle] = result
            try result.get()
            state.byPath[library.path] = Known(identity: library.identity, entry: entry)
            return entry
        }
    }

    private static func initialise(
        _ entry: PluginEntry, _ context: PluginContext
    ) -> Result<Void, RefluxError> {
        guard let initialise = entry.initialise else { return .success(()) }
        let site = CallSite(plugin: context, extensionID: nil, runSeed: 0)
        do {
            _ = try site.perform(CallFrame(function: "init", isLimited: false), failure: .loadInit)
            {
                initialise(HostTable.pointer, $0)
            }
            return .success(())
        } catch let error as RefluxError {
            return .failure(error)
        } catch {
            return .failure(
                site.error(
                    .loadInit, .input, item: nil, found: "init was cancelled",
                    wanted: "REFLUX_OK", remedy: "Try again."))
        }
    }

    private static func changed(_ library: PluginLibrary) -> RefluxError {
        PluginCheck.libraryChanged.error(
            found: "another version of it is loaded in this process already",
            at: SourceLocation(path: library.path), wanted: "the library that was loaded first",
            remedy: "Start the command anew.")
    }
}
