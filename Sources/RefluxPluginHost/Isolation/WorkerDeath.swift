import Glibc

/// How a worker process ended, as its host sees it.
struct WorkerDeath: Sendable, Equatable {
    /// What ended it.
    enum Cause: Sendable, Equatable {
        /// A signal.
        case signal(Int32)
        /// `exit`.
        case exit(Int32)
        /// It gave up its connection.
        case connectionLost
        /// Somebody else waited for it.
        case unknown
    }

    /// What ended it.
    var cause: Cause
    /// Why lack of memory is the likely reason, in words; `nil` when it is not.
    var lackOfMemory: String?
    /// Whether its stack had overflowed.
    var stackHadOverflowed = false

    /// What happened, as the end of "the plugin's process …".
    var description: String {
        switch cause {
        case .signal(let number):
            "was ended by signal \(number) (\(Self.name(of: number, overflow: stackHadOverflowed)))"
        case .exit(let status): "called exit(\(status))"
        case .connectionLost: "closed its connection to the host"
        case .unknown: "ended"
        }
    }

    private static func name(of signal: Int32, overflow: Bool) -> String {
        switch signal {
        case SIGILL: "SIGILL: a trap, such as a failed precondition"
        case SIGTRAP: "SIGTRAP: a trap, such as a failed precondition"
        case SIGABRT: "SIGABRT: abort, such as an exception that nobody caught"
        case SIGSEGV where overflow: "SIGSEGV: the stack overflowed, as endless recursion does"
        case SIGSEGV: "SIGSEGV: an address that is not its own"
        case SIGBUS: "SIGBUS: an address that cannot be reached"
        case SIGFPE: "SIGFPE: forbidden arithmetic, such as a division by zero"
        case SIGSYS: "SIGSYS: a forbidden system call"
        case SIGKILL: "SIGKILL: ended from outside, for instance by the system for lack of memory"
        case SIGTERM: "SIGTERM: asked to end"
        case SIGINT: "SIGINT: interrupted"
        case SIGPIPE: "SIGPIPE: wrote where nobody reads"
        case SIGXCPU: "SIGXCPU: over its limit of processor time"
        default: "\(String(cString: strsignal(signal)))"
        }
    }
}

extension WorkerDeath {
    /// Explains the end of a process.
    ///
    /// - Parameters:
    ///   - end: what waiting for it gave.
    ///   - words: its last words.
    ///   - hello: what it took at its start.
    ///   - limit: what the plugin was allowed on top, in bytes.
    init(end: (status: Int32, memory: Int)?, words: LastWords, hello: WorkerHello?, limit: Int) {
        guard let end else {
            cause = .unknown
            return
        }
        let signal = end.status & 0x7f
        guard signal != 0 else {
            let status = (end.status >> 8) & 0xff
            cause = words.connectionWasLost ? .connectionLost : .exit(status)
            return
        }
        cause = .signal(signal)
        let spoke = words.signal == signal
        stackHadOverflowed = spoke && words.stackHadOverflowed
        let addressed = words.addresses - (hello?.addresses ?? 0)
        let grown = end.memory - (hello?.resident ?? 0)
        let share = "it may take \(limit >> 20) MiB"
        if spoke && words.allocationHadFailed {
            lackOfMemory = "an allocation had failed, and \(share)"
        } else if spoke && addressed > limit / 10 * 9 || grown > limit / 10 * 8 {
            lackOfMemory = share
        }
    }
}
