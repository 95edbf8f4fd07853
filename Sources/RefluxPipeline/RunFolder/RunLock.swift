import Foundation
import RefluxCore
import RefluxFiles

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Keeps a second process out of a run folder, or of another one, as long as this value lives.
///
/// The system takes the lock back when the process ends, however it ends.
final class RunLock: Sendable {
    private let descriptor: CInt

    /// Takes the lock of a folder.
    ///
    /// - Parameters:
    ///   - folder: the folder, which must be there.
    ///   - name: the file that is locked.
    ///   - kind: what the folder is, for errors.
    ///   - remedy: what to do instead of waiting.
    /// - Throws: ``RefluxError`` of kind `system` when another process holds it.
    init(
        folder: String, name: String = ".lock", kind: String = "run folder",
        remedy: String = "give this run another run.name"
    ) throws {
        let path = "\(folder)/\(name)"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw RefluxError(
                .system,
                found: "the lock file cannot be opened: \(String(cString: strerror(errno)))",
                at: SourceLocation(path: path), wanted: "a \(kind) that can be written")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = (try? Files.readText(path))?.trimmingCharacters(
                in: .whitespacesAndNewlines)
            close(descriptor)
            throw RefluxError(
                .system,
                found: "the \(kind) is in use by process \(holder.flatMap(Int.init) ?? 0)",
                at: SourceLocation(path: folder), wanted: "one process a \(kind)",
                remedy: "Wait for it, stop it, or \(remedy).")
        }
        let text = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
    }

    deinit { close(descriptor) }
}
