import Glibc
import RefluxPluginHost

/// How a child process ended.
enum ChildEnding: Sendable, Equatable {
    /// By itself, with a code.
    case exit(Int32)
    /// By a signal.
    case signal(Int32)
    /// It had to be killed when its time was over.
    case timeout

    /// Why the test failed, for an ending that left no answer.
    ///
    /// - Parameters:
    ///   - place: the extension or file that was tested.
    ///   - limit: the time the child had.
    ///   - output: what the child printed last.
    /// - Returns: the problem.
    func problem(at place: String, limit: Duration, output: String) -> PluginProblem {
        let said = output.isEmpty ? "" : "; its last line was \"\(output)\""
        switch self {
        case .exit(let code):
            return PluginProblem(
                check: PluginCheck.workerExit.rawValue,
                found: "the process ended by itself with code \(code)\(said)", place: place,
                wanted: "functions that return",
                remedy: "Look for exit and its kin; return REFLUX_ERROR instead.")
        case .signal(let number):
            return PluginProblem(
                check: PluginCheck.workerCrash.rawValue,
                found: "the process died of \(Self.name(of: number))\(said)", place: place,
                wanted: "no crash",
                remedy: "Run the command below in a debugger, with a library built by make debug.")
        case .timeout:
            return PluginProblem(
                check: PluginCheck.workerTime.rawValue,
                found: "the test did not end in \(limit)\(said)", place: place,
                wanted: "an end in that time",
                remedy: "Look for endless loops, or give more time with --timeout.")
        }
    }

    /// The name of a signal.
    static func name(of signal: Int32) -> String {
        let names: [Int32: String] = [
            SIGSEGV: "SIGSEGV (segmentation fault)", SIGILL: "SIGILL (a trap)",
            SIGABRT: "SIGABRT (abort, or an exception that left a function)",
            SIGBUS: "SIGBUS (bus error)", SIGFPE: "SIGFPE (division by zero)",
            SIGKILL: "SIGKILL (killed, perhaps for its memory)", SIGTERM: "SIGTERM",
            SIGTRAP: "SIGTRAP (a trap)", SIGPIPE: "SIGPIPE", SIGXCPU: "SIGXCPU",
        ]
        return names[signal] ?? "signal \(signal)"
    }
}
