import RefluxCore

extension WorkerProcess {
    /// What happens during a call besides its answer.
    struct Listener: Sendable {
        /// A log line.
        var log: @Sendable (PluginServices.Level, String) -> Void
        /// An effective configuration.
        var configuration: @Sendable (_ extensionID: String, _ json: String) -> Void
        /// Progress and metrics.
        var observer: RunObserver
    }
}

extension WorkerProcess.Listener {
    /// Passes an event frame on.
    func hear(_ frame: WorkerFrame) throws(WireError) {
        var reader = frame.payload
        switch WorkerFrame.EventCode(rawValue: frame.code) {
        case .log:
            let level = PluginServices.Level(rawValue: try reader.read())
            log(level ?? .info, LogGate.clean(try reader.read(String.self)))
        case .configuration:
            configuration(try reader.read(String.self), try reader.read(String.self))
        case .progress:
            observer.progress(try reader.read(), try reader.read(), try reader.read(String.self))
        case .metrics:
            observer.metrics(try reader.read(), try reader.table())
        case .note:
            observer.note(LogGate.clean(try reader.read(String.self)))
        case nil:
            throw WireError("an event of an unknown sort")
        }
        try reader.finish()
    }
}
