import Glibc
// timespec is declared there, which the compiler wants to see.
import SwiftOverlayShims

// Every system call of the checks before loading stands in this file.

/// A regular file of a plugin, open for reading. Closed when it goes out of scope.
///
/// Opening never waits and never disturbs: what is no regular file is refused before it is opened,
/// and what takes its place in that moment is opened without waiting and refused then.
struct PluginFile: ~Copyable {
    /// What it was when it was opened.
    let status: Status
    private let descriptor: Int32

    /// Opens a file; the last part of the path may be a symbolic link.
    init(_ path: String) throws(FileFault) {
        (descriptor, status) = try Self.open(path)
    }

    deinit { close(descriptor) }

    /// All bytes, or the first `limit + 1` of a longer file.
    func read(limit: Int) throws(FileFault) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(status.size, limit) + 1)
        var chunk = [UInt8](repeating: 0, count: min(1 << 20, limit + 1))
        while bytes.count <= limit {
            let count = chunk.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if count == 0 { break }
            if count < 0 {
                guard errno == EINTR else { throw FileFault(code: errno) }
                continue
            }
            bytes.append(contentsOf: chunk[..<min(count, limit + 1 - bytes.count)])
        }
        return bytes
    }

    private static func open(_ path: String) throws(FileFault) -> (Int32, Status) {
        try Status(path).requireFile()
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw FileFault(code: errno) }
        do {
            let status = try status(descriptor)
            try status.requireFile()
            return (descriptor, status)
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func status(_ descriptor: Int32) throws(FileFault) -> Status {
        var raw = stat()
        guard fstat(descriptor, &raw) == 0 else { throw FileFault(code: errno) }
        return Status(raw)
    }

    /// What it is now.
    func currentStatus() throws(FileFault) -> Status { try Self.status(descriptor) }
}

extension PluginFile {
    /// What stands at a path.
    struct Status: Equatable {
        /// The kind of file in words; `nil` for a regular one.
        var oddity: String?
        /// Bytes.
        var size: Int
        /// Whether everybody may write it; not so for a folder in which only owners may remove.
        var isWritableByAll: Bool
        /// Device, inode, size and the times of the last change of bytes and of status in
        /// nanoseconds.
        var identity: [Int64]

        /// Follows symbolic links.
        init(_ path: String) throws(FileFault) {
            var raw = stat()
            guard stat(path, &raw) == 0 else { throw FileFault(code: errno) }
            self.init(raw)
        }

        fileprivate init(_ raw: stat) {
            oddity =
                switch raw.st_mode & S_IFMT {
                case S_IFREG: nil
                case S_IFDIR: "a folder"
                case S_IFIFO: "a named pipe"
                case S_IFSOCK: "a socket"
                default: "a device"
                }
            size = Int(raw.st_size)
            let isSticky = raw.st_mode & S_IFMT == S_IFDIR && raw.st_mode & S_ISVTX != 0
            isWritableByAll = raw.st_mode & S_IWOTH != 0 && !isSticky
            identity = [
                Int64(truncatingIfNeeded: raw.st_dev), Int64(truncatingIfNeeded: raw.st_ino),
                Int64(raw.st_size), Self.nanoseconds(raw.st_mtim), Self.nanoseconds(raw.st_ctim),
            ]
        }

        fileprivate func requireFile() throws(FileFault) {
            if let oddity { throw FileFault(text: "it is \(oddity)") }
        }

        private static func nanoseconds(_ time: timespec) -> Int64 {
            Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
        }
    }

    /// The absolute path without symbolic links, `.` and `..`.
    static func realPath(_ path: String) throws(FileFault) -> String {
        guard let resolved = realpath(path, nil) else { throw FileFault(code: errno) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// An environment variable; `nil` too in a process that runs with rights that its user lacks.
    ///
    /// Swift's Glibc module does not show `secure_getenv`, so it is looked up by its name.
    static func secureEnvironment(_ name: String) -> String? {
        typealias SecureGetenv =
            @convention(c) (UnsafePointer<CChar>) -> UnsafeMutablePointer<CChar>?
        guard let symbol = dlsym(nil, "secure_getenv") else { return nil }
        return unsafeBitCast(symbol, to: SecureGetenv.self)(name).map { String(cString: $0) }
    }
}

/// Why a file cannot be used, in words that an error can go on with.
struct FileFault: Error, Equatable {
    /// For instance `there is no such file`.
    var text: String
    /// Whether nothing stands at the path.
    var isAbsence = false

    init(text: String) { self.text = text }

    init(code: Int32) {
        isAbsence = code == ENOENT
        text =
            switch code {
            case ENOENT: "there is no such file"
            case EACCES, EPERM: "no permission to read it"
            case ELOOP: "its symbolic links lead in a circle"
            case ENOTDIR: "a part of the path is a file"
            case ENAMETOOLONG: "its path is too long"
            default: "it cannot be read (\(String(cString: strerror(code))))"
            }
    }
}
