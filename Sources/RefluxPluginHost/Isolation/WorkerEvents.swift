import RefluxCore

extension WorkerProcess.Listener {
    /// Passes an event frame on.
    func hear(_ frame: WorkerFrame) throws(WireError) {
        var reader = frame.payload
        switch WorkerFrame.EventCode(rawValue: frame.code) {
        case .log:
            let level = PluginServices.Level(rawValue: try reader.read())
            log(level ?? .info, PlainText.line(try reader.read(String.self)))
        case .configuration:
            configuration(try reader.read(String.self), try reader.read(String.self))
        case .progress:
            observer.progress(try reader.read(), try reader.read(), try reader.read(String.self))
        case .metrics:
            observer.metrics(try reader.read(), try reader.table())
        case .note:
            observer.note(PlainText.line(try reader.read(String.self)))
        case nil:
            throw WireError("an event of an unknown sort")
        }
        try reader.finish()
    }
}
