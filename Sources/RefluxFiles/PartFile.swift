public import Foundation
import RefluxCore

/// A file that comes in parts, over several processes if need be: it grows as `NAME.part` and takes
/// its name once it is whole.
///
/// Nothing is synchronised before ``finish()``: after a crash of the machine the end of a part may
/// be wrong, so its content must be checked before it is given its name. One task at a time.
public final class PartFile {
    /// The name under which the file grows.
    public let partPath: String
    /// The bytes that are there.
    public private(set) var size: Int
    private let path: String
    private let file: OpenFile

    /// Opens the part that is there, or a new one. Its folder must exist.
    ///
    /// - Throws: `RefluxError` naming the path when it cannot be written.
    public init(of path: String) throws {
        self.path = Files.expand(path)
        partPath = Self.partPath(of: path)
        file = try OpenFile(Files.expand(partPath), .append)
        size = try file.size()
    }

    /// The name under which a file grows.
    public static func partPath(of path: String) -> String { path + ".part" }

    /// Adds bytes.
    ///
    /// - Throws: `RefluxError` of kind `system` when the disk is full; what was there is kept.
    public func append(_ bytes: Data) throws {
        do {
            try file.write(bytes)
            size += bytes.count
        } catch {
            try? file.truncate(to: size)
            throw error
        }
    }

    /// Drops all bytes.
    public func restart() throws {
        try file.truncate(to: 0)
        size = 0
    }

    /// Gives the file its name, under which it appears at once and whole.
    public func finish() throws {
        try file.synchronize()
        try FileSystem.rename(Files.expand(partPath), to: path)
        try OpenFile(Files.parentFolder(of: path), .read).synchronize()
    }
}
