import RefluxCore

/// Why there is no answer from a worker.
enum WorkerFailure: Error {
    /// The process could not be started, or is no worker.
    case start(String)
    /// The process ended; with its last line on the error output.
    case death(WorkerDeath, lastLine: String?)
    /// No answer came in time.
    case time(Duration)
    /// What came was no answer.
    case nonsense(String)
    /// The part refused, in its own words.
    case refused(RefluxError)
    /// The call was cancelled.
    case cancelled
    /// The call was cancelled before it began, or the part says so without having been asked to.
    case declined
}

/// Where in a plugin something happened.
struct WorkerPlace: Sendable {
    /// The plugin's folder.
    var folder: String
    /// The extension.
    var extensionID: String
    /// What was worked on: a prompt's id, `step`; `nil` when that is the extension as a whole.
    var item: String?
    /// The function that ran.
    var operation: WorkerOperation

    /// The place for an error.
    var location: SourceLocation {
        SourceLocation(path: folder, key: extensionID + (item.map { ": \($0)" } ?? ""))
    }
}

extension WorkerFailure {
    /// The error that users see.
    ///
    /// - Parameters:
    ///   - place: where it happened.
    ///   - function: the function that ran, if it is not that of the operation.
    /// - Returns: a `RefluxError`, or `CancellationError`.
    func error(at place: WorkerPlace, during function: String? = nil) -> any Error {
        let call = function ?? place.operation.name
        func broken(
            _ check: PluginCheck, _ found: String, wanted: String, remedy: String
        ) -> RefluxError {
            check.error(.broken, found: found, at: place.location, wanted: wanted, remedy: remedy)
        }
        switch self {
        case .refused(let error):
            return error
        case .cancelled, .declined:
            return CancellationError()
        case .start(let reason):
            return broken(
                .workerStart, "the plugin's process could not be started: \(reason)",
                wanted: "a program that serves plugins",
                remedy: "Check the program, and the limits of memory and processes.")
        case .time(let limit):
            return broken(
                .workerTime,
                "the plugin's process was ended because \(call) did not return within "
                    + limit.formattedSeconds, wanted: "an answer in time",
                remedy: "Raise call_limit in the run file if the plugin needs longer, "
                    + "or report it to the plugin's author.")
        case .nonsense(let what):
            return broken(
                .workerProtocol,
                "the plugin's process was ended because \(what) came instead of an answer to "
                    + call, wanted: "a socket that the plugin leaves alone",
                remedy: "Report it to the plugin's author: descriptor 3 is the host's.")
        case .death(let death, let line):
            return Self.error(of: death, line: line, call: call, make: broken)
        }
    }

    private static func error(
        of death: WorkerDeath, line: String?, call: String,
        make: (PluginCheck, String, _ wanted: String, _ remedy: String) -> RefluxError
    ) -> RefluxError {
        let found = "the plugin's process \(death.description) in \(call)"
        let words = line.map { ", saying \"\($0)\"" } ?? ""
        if let lack = death.lackOfMemory {
            return make(
                .workerMemory, "\(found)\(words), most likely for lack of memory: \(lack)",
                "a plugin that keeps within its memory",
                "Raise memory_mb in the run file if the plugin needs more, "
                    + "or report it to the plugin's author.")
        }
        switch death.cause {
        case .connectionLost:
            return make(
                .workerProtocol, found + words, "a socket that the plugin leaves alone",
                "Report it to the plugin's author: descriptor 3 is the host's.")
        case .exit:
            return make(
                .workerExit, found + words, "a function that returns",
                "Report it to the plugin's author.")
        case .signal, .unknown:
            return make(
                .workerCrash, found + words, "a function that returns",
                "Report it to the plugin's author.")
        }
    }
}

extension Duration {
    /// The duration in seconds for people: `60 s`, `0.5 s`.
    var formattedSeconds: String {
        let seconds = Double(components.seconds) + Double(components.attoseconds) * 1e-18
        return seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\(seconds) s"
    }
}
