import CRefluxWorker
import Glibc

extension WorkerSystem {
    /// Starts a program as the leader of a process group of its own: no input, output and errors
    /// into one pipe, the socket and the page for last words where a worker looks for them, and no
    /// other descriptor.
    ///
    /// - Returns: the process's id, or a negative number of the reason.
    static func start(
        _ executable: String, arguments: [String], environment: [String], socket: Int32,
        output: Int32, lastWords: Int32
    ) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for (source, target) in [
            (output, 1), (output, 2), (socket, WorkerProtocol.socket),
            (lastWords, WorkerProtocol.lastWords),
        ] { posix_spawn_file_actions_adddup2(&actions, source, target) }
        _ = reflux_worker_close_from(&actions, WorkerProtocol.lastWords + 1)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var pointers = ([executable] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0) } + [nil]
        defer { (pointers + variables).forEach { free($0) } }
        var process: pid_t = 0
        let result = posix_spawn(
            &process, executable, &actions, &attributes, &pointers, &variables)
        return result == 0 ? process : -result
    }

    /// Whether a child has ended; it stays to be waited for.
    static func hasEnded(_ process: Int32) -> Bool {
        var information = siginfo_t()
        let result = waitid(
            P_PID, id_t(process), &information, WEXITED | WNOHANG | WNOWAIT)
        return result != 0 || information.si_signo == SIGCHLD
    }

    /// Waits for a child and takes it off the system's list.
    ///
    /// - Returns: its status, and the most memory that it had, in bytes; `nil` when somebody else
    ///   waited for it.
    static func reap(_ process: Int32) -> (status: Int32, memory: Int)? {
        var status: Int32 = 0
        var usage = rusage()
        while wait4(process, &status, 0, &usage) < 0 {
            if errno != EINTR { return nil }
        }
        return (status, Int(usage.ru_maxrss) * 1024)
    }

    /// Ends a worker and all that it started.
    static func killGroup(_ process: Int32) { _ = kill(-process, SIGKILL) }

    /// Ends this worker and all that it started.
    static func killOwnGroup() { _ = kill(0, SIGKILL) }

    /// Ends this process at once.
    static func exitNow(_ status: Int32) -> Never { _exit(status) }

    /// The id of this process.
    static var ownID: Int32 { getpid() }

    /// The most memory that this process has had so far, in bytes, as its end will report it: a process
    /// begins with the memory of the one that started it, which may be large.
    static var mostMemory: Int {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
        return Int(usage.ru_maxrss) << 10
    }

    /// Address space and memory of this process, in bytes.
    static func memoryInUse() -> (addresses: Int, resident: Int) {
        guard let file = fopen("/proc/self/statm", "r") else { return (0, 0) }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 128)
        let count = fread(&text, 1, text.count - 1, file)
        let numbers = text.prefix(count).split(separator: 0x20).prefix(2).map {
            Int(String(decoding: $0.map(UInt8.init(bitPattern:)), as: UTF8.self)) ?? 0
        }
        guard numbers.count == 2 else { return (0, 0) }
        return (numbers[0] * pageSize, numbers[1] * pageSize)
    }

    /// Bytes of a page of memory.
    static var pageSize: Int { Int(sysconf(Int32(_SC_PAGESIZE))) }

    /// Limits the address space of this process, and keeps it from leaving core files.
    static func limit(addresses: Int) {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        var most = rlimit(rlim_cur: rlim_t(addresses), rlim_max: rlim_t(addresses))
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &most)
    }

    /// Has this process write its output line by line, so that lines come in the call they are of.
    static func bufferLines() { reflux_worker_buffer_lines() }

    /// A variable of the environment, `nil` in a set-user-id process.
    static func variable(_ name: String) -> String? {
        reflux_worker_variable(name).map { String(cString: $0) }
    }
}
