import RefluxCore
import Synchronization

/// Appends JSON lines to a file; what ``append(contentsOf:)`` has taken survives a crash.
///
/// Read the file with ``JSONLines/readWhole(_:from:repair:)`` before appending to one that an
/// interrupted run may have left: a cut last line would otherwise swallow the first new one.
/// Calls may come from any thread; each batch stands in one piece.
public final class JSONLinesWriter: Sendable {
    private let path: String
    private let state: Mutex<State>

    private struct State: ~Copyable, Sendable {
        var file: OpenFile?
    }

    /// Opens the file for appending, and makes it when it is not there.
    ///
    /// - Throws: `RefluxError` naming the path when it cannot be written.
    public init(appendingTo path: String) throws {
        self.path = path
        let target = Files.expand(path)
        let isNew = !Files.exists(target)
        state = Mutex(State(file: try OpenFile(target, .append)))
        if isNew { try OpenFile(Files.parentFolder(of: target), .read).synchronize() }
    }

    /// Appends one line a value, by one write and one fsync.
    ///
    /// - Throws: `RefluxError` of kind `system` when the disk is full; the file is then cut back to
    ///   what it held before. Of kind `internalFault` after ``close()``.
    public func append<T: Encodable>(contentsOf values: [T]) throws {
        guard !values.isEmpty else { return }
        let data = try JSONLines.lines(values)
        let found = try state.withLock { state in
            guard state.file != nil else { return false }
            let size = try state.file?.size() ?? 0
            do {
                try state.file?.write(data)
                try state.file?.synchronize()
            } catch {
                try? state.file?.truncate(to: size)
                throw error
            }
            return true
        }
        guard found else {
            throw RefluxError(
                .internalFault, found: "append after close", at: SourceLocation(path: path))
        }
    }

    /// Closes the file. A writer that goes out of scope closes it too.
    public func close() throws {
        state.withLock { $0.file = nil }
    }
}
