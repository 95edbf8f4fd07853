import Foundation
import Glibc
import RefluxFiles

/// What a test's process may take from the machine.
enum ChildLimits {
    /// Memory beyond what the process has before the plugin is loaded, in bytes.
    static let memory = 4 << 30

    /// Limits this process: the address space, and no core files. Beyond it an allocation fails,
    /// which ends most plugins by a signal.
    static func set() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        let fields = (try? Files.readText("/proc/self/statm"))?.split(separator: " ")
        guard let pages = fields?.first.flatMap({ Int($0) }) else { return }
        let most = rlim_t(pages * NSPageSize() + memory)
        var limit = rlimit(rlim_cur: most, rlim_max: most)
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    }
}
