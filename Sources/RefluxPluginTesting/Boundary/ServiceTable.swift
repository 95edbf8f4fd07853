import CRefluxPlugin
import RefluxPluginKit

/// The services of all mock hosts; whose they are is told by the call.
enum ServiceTable {
    /// The table; it is never freed.
    static var pointer: UnsafePointer<reflux_host> { table }

    nonisolated(unsafe) private static let table: UnsafePointer<reflux_host> = {
        var host = reflux_host()
        host.struct_size = structSize(through: \reflux_host.progress)
        host.abi_minor = UInt32(REFLUX_ABI_MINOR)
        host.name = .immortal("mock host")
        host.set_error = { call, text in
            let text = text.text
            CallRecord.note(call) { $0.errorText = text }
        }
        host.set_configuration = { call, json in
            let value = try? JSONValue(parsing: json.text ?? "")
            CallRecord.note(call) { $0.journal.configurations.append(value ?? .null) }
        }
        host.log = { call, level, text in
            let line = Journal.Line(
                level: Call.Level(rawValue: level) ?? .error, text: text.text ?? "")
            CallRecord.note(call) { $0.journal.lines.append(line) }
        }
        host.is_cancelled = { CallRecord.of($0)?.isCancelled() == true ? 1 : 0 }
        host.remaining_nanoseconds = { call in
            guard let left = CallRecord.of(call)?.remaining else { return .max }
            return Int64(left / .nanoseconds(1))
        }
        host.random_words = { call, stream, position, out in
            let words = CallRecord.of(call)?.words(stream: stream, position: position) ?? []
            for (index, word) in words.enumerated() { out?[index] = word }
            CallRecord.note(call) { $0.journal.randomDraws += 1 }
        }
        host.metric = { call, step, name, value in
            let metric = Journal.Metric(name: name.text ?? "", value: value, step: Int(step))
            CallRecord.note(call) { $0.journal.metrics.append(metric) }
        }
        host.progress = { call, done, total, unit in
            let progress = Journal.Progress(
                done: Int(done), total: Int(total), unit: unit.text ?? "")
            CallRecord.note(call) { $0.journal.progress.append(progress) }
        }
        let pointer = UnsafeMutablePointer<reflux_host>.allocate(capacity: 1)
        pointer.initialize(to: host)
        return UnsafePointer(pointer)
    }()
}
