import CRefluxPlugin
import RefluxCore
import Synchronization

/// The services that every plugin is given. The table lives as long as the process.
enum HostTable {
    /// The table.
    static var pointer: UnsafePointer<reflux_host> { UnsafePointer(table) }

    // Written once, before it is handed out, and never again.
    nonisolated(unsafe) private static let table: UnsafeMutablePointer<reflux_host> = {
        let table = UnsafeMutablePointer<reflux_host>.allocate(capacity: 1)
        table.initialize(to: services)
        return table
    }()

    private static var services: reflux_host {
        var host = reflux_host()
        host.struct_size = UInt32(TableCopy.size(through: \reflux_host.progress))
        host.abi_minor = UInt32(REFLUX_ABI_MINOR)
        host.name = reflux_string(
            data: UnsafeRawPointer(refluxName.utf8Start).assumingMemoryBound(to: CChar.self),
            length: UInt64(refluxName.utf8CodeUnitCount))
        host.set_error = { call, text in LiveCalls.find(call)?.setError(text) }
        host.set_configuration = { call, json in LiveCalls.find(call)?.setConfiguration(json) }
        host.log = { call, level, text in
            LiveCalls.find(call)?.site.plugin.log.line(level, text)
        }
        host.is_cancelled = { call in
            // A call that is over should end.
            LiveCalls.find(call)?.isCancelled == false ? 0 : 1
        }
        host.remaining_nanoseconds = { call in LiveCalls.find(call)?.remaining ?? -1 }
        host.random_words = { call, stream, position, out in
            guard let out else { return }
            let words =
                LiveCalls.find(call)?.words(stream: stream, position: position) ?? SIMD4()
            for index in 0..<4 { out[index] = words[index] }
        }
        host.metric = { call, step, name, value in
            LiveCalls.find(call)?.addMetric(name, step: step, value: value)
        }
        host.progress = { call, done, total, unit in
            LiveCalls.find(call)?.tellProgress(done, of: total, unit: unit)
        }
        return host
    }
}

extension PluginCall {
    /// Takes the reason of a failure; the last one counts.
    func setError(_ text: reflux_string) {
        let reason = LogGate.clean(BoundaryText.readLoosely(text, atMost: 2 * LogGate.lineBytes))
        outputs.withLock { $0.error = reason }
    }

    /// Takes the configuration that is in effect.
    func setConfiguration(_ json: reflux_string) {
        let text = take("the configuration in effect", json)
        outputs.withLock { $0.configuration = text }
    }

    /// Takes a named number.
    func addMetric(_ name: reflux_string, step: Int64, value: Double) {
        guard let name = takeFilled("the name of a metric", name) else { return }
        guard value.isFinite else {
            return refuse("the metric \(quoted(name)) is \(value)", wanted: "a finite number")
        }
        guard step >= 0 else {
            return refuse(
                "the metric \(quoted(name)) is of the step \(step)", wanted: "a step of at least 0")
        }
        guard let observer else {
            return outputs.withLock { $0.metrics.append(.init(name: name, value: value)) }
        }
        let whole = outputs.withLock { outputs in
            let before = outputs.pending
            if before?.step == Int(step) {
                outputs.pending?.values[name] = value
                return nil as (step: Int, values: [String: Double])?
            }
            outputs.pending = (Int(step), [name: value])
            return before
        }
        if let whole { observer.metrics(whole.step, whole.values) }
    }

    /// Passes on the named numbers of the last step.
    func finishMetrics() {
        guard let observer, let last = outputs.withLock({ $0.pending }) else { return }
        observer.metrics(last.step, last.values)
    }

    /// Passes on how far the call is.
    func tellProgress(_ done: UInt64, of total: UInt64, unit: reflux_string) {
        guard let observer, let unit = take("the unit of progress", unit) else { return }
        observer.progress(Int(clamping: done), Int(clamping: total), LogGate.clean(unit))
    }
}
