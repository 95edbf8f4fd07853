import Foundation
import RefluxCore

/// Files and folders: errors are `RefluxError` values that name the path, and nothing appears
/// under its final name before it is whole.
///
/// `~/` at the start of any path stands for the user's home folder. All functions may be called
/// from any thread; two writers of one path leave one of the two contents, never a mixture.
public enum Files {
    /// Whether a file or a folder stands at a path.
    public static func exists(_ path: String) -> Bool {
        FileSystem.entry(expand(path)) != .nothing
    }

    /// Whether a folder stands at a path.
    public static func isFolder(_ path: String) -> Bool {
        FileSystem.entry(expand(path)) == .folder
    }

    /// The path with a leading `~/` (or a lone `~`) replaced by the home folder.
    public static func expand(_ path: String) -> String {
        guard path == "~" || path.hasPrefix("~/") else { return path }
        return NSHomeDirectory() + path.dropFirst()
    }

    /// The parts of a path between its slashes, empty ones included: an absolute path begins with one.
    ///
    /// Cut by bytes, as the file system does it: for Swift a slash with a combining mark after it is
    /// another character, and `split` would take `../` with a mark for a name.
    public static func parts(of path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// The names in a folder, sorted.
    ///
    /// - Throws: `RefluxError` naming the folder when it is missing or unreadable.
    public static func list(_ path: String) throws -> [String] {
        let folder = expand(path)
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        } catch {
            let found = exists(folder) ? "the folder cannot be read" : "there is no such folder"
            throw RefluxError(
                .input, found: found, at: SourceLocation(path: path), remedy: "Check the path.")
        }
    }

    /// Makes a folder and those above it; one that is there already is fine.
    ///
    /// - Throws: `RefluxError` of kind `system` or `input` naming the folder that could not be
    /// made.
    public static func makeFolder(_ path: String) throws {
        let folder = expand(path)
        guard FileSystem.entry(folder) != .folder else { return }
        let parent = parentFolder(of: folder)
        if parent != folder { try makeFolder(parent) }
        try FileSystem.makeFolder(folder)
    }

    /// Removes a file, or a folder with everything in it; nothing there is fine.
    ///
    /// - Throws: `RefluxError` of kind `system` naming the path.
    public static func remove(_ path: String) throws {
        let target = expand(path)
        guard isFolder(target), !isLink(target) else { return try FileSystem.removeFile(target) }
        do {
            try FileManager.default.removeItem(atPath: target)
        } catch {
            throw RefluxError(
                .system, found: "the folder could not be removed",
                at: SourceLocation(path: path), remedy: "Check who owns the folder.")
        }
    }

    /// The bytes of a file.
    ///
    /// - Throws: `RefluxError` naming the path when the file is missing or unreadable.
    public static func size(ofFile path: String) throws -> Int {
        try OpenFile(expand(path), .read).size()
    }

    /// The bytes that may still be written to the file system of a folder, which must be there.
    ///
    /// - Throws: `RefluxError` naming the folder.
    public static func freeBytes(at folder: String) throws -> Int {
        try FileSystem.freeBytes(at: expand(folder))
    }

    /// Whether a name fits a pattern: `*` stands for any text, slashes included, `?` for a
    /// character, `[ab]` for one of them.
    public static func matches(_ name: String, pattern: String) -> Bool {
        FileSystem.matches(name, pattern: pattern)
    }

    /// The folder that holds a path: `a/b` gives `a`, `b` gives `.`, `/b` gives `/`.
    static func parentFolder(of path: String) -> String {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    private static func isLink(_ path: String) -> Bool {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: path)) != nil
    }
}
