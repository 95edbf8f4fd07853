import Foundation
import Glibc
import RefluxCore

// Every call to the C library of this module stands in this file; each turns `errno` into a
// `RefluxError` that names the path.

/// An open file. Closed when it goes out of scope.
struct OpenFile: ~Copyable {
    /// The file's path, for errors.
    let path: String
    private let descriptor: Int32

    /// How a file is opened.
    enum Mode {
        case read
        /// A new, empty file; an old one is emptied.
        case create
        /// For writing at the end; created when it is not there.
        case append
        /// For writing and truncating; it must exist.
        case update
    }

    init(_ path: String, _ mode: Mode) throws {
        let flags: Int32 =
            switch mode {
            case .read: O_RDONLY
            case .create: O_WRONLY | O_CREAT | O_TRUNC
            case .append: O_WRONLY | O_CREAT | O_APPEND
            case .update: O_WRONLY
            }
        descriptor = open(path, flags | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw systemError(mode == .read ? "read" : "write", path) }
        self.path = path
    }

    deinit { close(descriptor) }

    /// The bytes the file holds now.
    func size() throws -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw systemError("look at", path) }
        return Int(status.st_size)
    }

    /// Fills the buffer from the file's position; returns how many bytes came, 0 at the end.
    func read(into buffer: inout [UInt8]) throws -> Int {
        while true {
            let count = buffer.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if count >= 0 { return count }
            guard errno == EINTR else { throw systemError("read", path) }
        }
    }

    /// Writes all bytes.
    func write(_ data: Data) throws {
        try data.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count >= 0 { done += count; continue }
                guard errno == EINTR else { throw systemError("write", path) }
            }
        }
    }

    /// Cuts the file to a number of bytes.
    func truncate(to size: Int) throws {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw systemError("shorten", path) }
    }

    /// Waits until the bytes are on the disk. Files that cannot be synchronised (pipes, devices)
    /// pass.
    func synchronize() throws {
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == EROFS else {
            throw systemError("write", path)
        }
    }
}

/// The file system's calls on paths.
enum FileSystem {
    /// What stands at a path.
    enum Entry { case nothing, file, folder }

    static func entry(_ path: String) -> Entry {
        var status = stat()
        guard stat(path, &status) == 0 else { return .nothing }
        return status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
    }

    static func rename(_ old: String, to new: String) throws {
        guard Glibc.rename(old, new) == 0 else { throw systemError("write", new) }
    }

    /// Swaps two paths in one step; returns false where the C library or the file system cannot.
    ///
    /// Swift's Glibc module does not show `renameat2`, so it is looked up by its name.
    static func exchange(_ a: String, _ b: String) -> Bool {
        typealias RenameAt2 =
            @convention(c) (
                Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
            ) -> Int32
        guard let symbol = dlsym(nil, "renameat2") else { return false }
        let renameExchange: UInt32 = 2
        return unsafeBitCast(symbol, to: RenameAt2.self)(
            AT_FDCWD, a, AT_FDCWD, b, renameExchange) == 0
    }

    static func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o777) == 0 || (errno == EEXIST && entry(path) == .folder) else {
            throw systemError("make the folder", path)
        }
    }

    /// The bytes that this user may still write to the file system of a folder.
    static func freeBytes(at folder: String) throws -> Int {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { throw systemError("look at", folder) }
        let (bytes, isTooLarge) = UInt64(status.f_bavail).multipliedReportingOverflow(
            by: UInt64(status.f_frsize))
        return isTooLarge ? .max : Int(clamping: bytes)
    }

    /// Whether a name fits a pattern of the shell.
    static func matches(_ name: String, pattern: String) -> Bool {
        fnmatch(pattern, name, 0) == 0
    }

    static func removeFile(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw systemError("remove", path) }
    }

    /// The process, for names of temporary files.
    static var processID: Int32 { getpid() }
}

/// The position of the first byte of a value at or after `start`, found by `memchr`.
func firstIndex(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard start < bytes.count, let base = bytes.baseAddress,
        let hit = memchr(base + start, Int32(byte), bytes.count - start)
    else { return nil }
    return UnsafeRawPointer(hit) - base
}

/// The error of the call that has just failed, from `errno`.
private func systemError(_ verb: String, _ path: String) -> RefluxError {
    let code = errno
    let place = SourceLocation(path: path)
    switch code {
    case ENOENT:
        let thing = verb == "read" ? "there is no such file" : "its folder does not exist"
        return RefluxError(.input, found: thing, at: place, remedy: "Check the path.")
    case ENOSPC, EDQUOT:
        return RefluxError(
            .system, found: "the disk is full: could not \(verb) it", at: place,
            remedy: "Free some space and run the command again; whole files are untouched.")
    case EACCES, EPERM, EROFS:
        return RefluxError(
            .system, found: "no permission to \(verb) it", at: place,
            remedy: "Check who owns the file and its folder.")
    case EISDIR:
        return RefluxError(.input, found: "it is a folder", at: place, wanted: "a file")
    case ENOTDIR:
        return RefluxError(
            .input, found: "a part of the path is a file", at: place, wanted: "a folder")
    default:
        return RefluxError(
            .system, found: "could not \(verb) it: \(String(cString: strerror(code)))", at: place)
    }
}
