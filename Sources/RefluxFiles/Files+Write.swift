public import Foundation
import RefluxCore

extension Files {
    /// Writes a file so that its name shows the old content or the new one, never a part: a
    /// temporary file in the same folder, fsync, rename, fsync of the folder.
    ///
    /// - Throws: `RefluxError` of kind `system` when the disk is full or the folder is not
    ///   writable; the temporary file is then removed and an old file is untouched.
    public static func writeAtomically(_ data: Data, to path: String) throws {
        try replace(path) { file in try file.write(data) }
    }

    /// Fills a folder so that its name shows the old folder or the new one, never a part.
    ///
    /// `fill` gets the path of an empty folder `PATH.partial`. When it returns, every file in it is
    /// synchronised and the folder takes its final name; an older folder of that name is swapped
    /// out and then removed. When `fill` throws, the partial folder is removed and the old one
    /// stays. One caller a path at a time.
    ///
    /// - Throws: what `fill` throws, or `RefluxError` of kind `system`.
    public nonisolated(nonsending) static func writeFolderAtomically(
        _ path: String, _ fill: (_ temporary: String) async throws -> Void
    ) async throws {
        let target = withoutTrailingSlash(expand(path))
        let partial = target + ".partial"
        try remove(partial)
        try makeFolder(partial)
        do {
            try await fill(partial)
            try synchronizeFolder(partial)
            try putInPlace(partial, at: target)
        } catch {
            try? remove(partial)
            throw error
        }
    }

    /// Writes a temporary file by a closure and renames it over `path`.
    static func replace(_ path: String, writing: (borrowing OpenFile) throws -> Void) throws {
        let target = expand(path)
        let folder = parentFolder(of: target)
        let name = target.split(separator: "/").last.map(String.init) ?? "file"
        let unique = "\(FileSystem.processID)-\(UInt32.random(in: 0...UInt32.max))"
        let temporary = "\(folder)/.\(name).\(unique).partial"
        do {
            let file = try OpenFile(temporary, .create)
            try writing(file)
            try file.synchronize()
            try FileSystem.rename(temporary, to: target)
        } catch {
            try? FileSystem.removeFile(temporary)
            throw renamed(error, from: temporary, to: path)
        }
        try OpenFile(folder, .read).synchronize()
    }

    /// The same error, told of the file that the user knows.
    private static func renamed(_ error: any Error, from temporary: String, to path: String)
        -> any Error
    {
        guard var known = error as? RefluxError, known.location?.path == temporary else {
            return error
        }
        known.location?.path = path
        return known
    }

    private static func putInPlace(_ partial: String, at target: String) throws {
        if FileSystem.entry(target) == .nothing {
            try FileSystem.rename(partial, to: target)
        } else if FileSystem.exchange(partial, target) {
            try remove(partial)
        } else {
            // A file system without an exchange: for a moment only the new folder's partial name
            // and the old folder's name `.old` exist.
            let old = target + ".old"
            try remove(old)
            try FileSystem.rename(target, to: old)
            try FileSystem.rename(partial, to: target)
            try remove(old)
        }
        try OpenFile(parentFolder(of: target), .read).synchronize()
    }

    private static func synchronizeFolder(_ path: String) throws {
        for name in try list(path) {
            let entry = "\(path)/\(name)"
            if isFolder(entry) {
                try synchronizeFolder(entry)
            } else if exists(entry) {
                try OpenFile(entry, .read).synchronize()
            }
        }
        try OpenFile(path, .read).synchronize()
    }

    private static func withoutTrailingSlash(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
