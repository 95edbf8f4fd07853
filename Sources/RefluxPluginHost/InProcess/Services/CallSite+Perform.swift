import CRefluxPlugin
import RefluxCore
import Synchronization

extension CallSite {
    /// Calls a function of the plugin and checks everything that does not depend on what it is for:
    /// the memory it was lent, its status, its time, and what it said on the way.
    ///
    /// - Parameters:
    ///   - frame: what the call is about.
    ///   - failure: the check that an honest failure is reported as.
    ///   - arena: the memory that the plugin is lent.
    ///   - body: the call itself.
    /// - Returns: what the plugin said.
    /// - Throws: `RefluxError`, or `CancellationError` when the plugin stopped because the task was
    ///   cancelled.
    func perform(
        _ frame: CallFrame, failure: PluginCheck = .callStatus, arena: CallArena? = nil,
        _ body: (OpaquePointer?) -> Int32
    ) throws -> CallOutputs {
        arena?.seal()
        let limit = frame.isLimited ? plugin.services.callLimit.map(Self.nanoseconds) : nil
        let start = Monotonic.now
        let (status, outputs, isCancelled) = withUnsafeCurrentTask { task in
            let call = PluginCall(
                site: self, frame: frame, deadline: limit.map { start &+ $0 }, task: task)
            let number = LiveCalls.add(call)
            let status = body(number)
            LiveCalls.remove(number)
            call.finishMetrics()
            return (status, call.outputs.withLock { $0 }, call.isTaskCancelled)
        }
        let time = Monotonic.now &- start
        try checkMemory(arena, frame)
        if status == Status.cancelled, isCancelled { throw CancellationError() }
        if let limit, time > limit, (Status.ok...Status.outOfMemory).contains(status) {
            throw error(
                .callTime, item: frame.item,
                found: "\(frame.function) took \(Self.seconds(time))",
                wanted: "at most \(Self.seconds(limit))",
                remedy: "A plugin in this process cannot be stopped: use `isolation: process`, "
                    + "or raise `call_limit`.")
        }
        try checkStatus(status, reason: outputs.error, frame, failure: failure)
        if let fault = outputs.fault { throw fault }
        return outputs
    }

    private func checkMemory(_ arena: CallArena?, _ frame: CallFrame) throws {
        switch arena?.damage() {
        case nil: return
        case .input:
            throw error(
                .callInput, item: frame.item, found: "\(frame.function) changed its inputs",
                wanted: "inputs that are only read")
        case .bounds(let buffer, let before):
            let place = before ? "before the beginning" : "past the end"
            throw error(
                .callBounds, item: frame.item,
                found: "\(frame.function) wrote \(place) of \(buffer)",
                wanted: "writes inside the host's buffers only")
        }
    }

    private func checkStatus(
        _ status: Int32, reason: String?, _ frame: CallFrame, failure: PluginCheck
    ) throws {
        let function = frame.function
        let because = reason.map { ": \($0)" } ?? " and gave no reason"
        switch status {
        case Status.ok: return
        case Status.error:
            throw error(
                failure, .input, item: frame.item, found: "\(function) failed\(because)",
                wanted: Self.aim(of: failure),
                remedy: Self.remedy(of: failure))
        case Status.unsupported:
            throw error(
                failure, .input, item: frame.item,
                found: "\(function) is not supported\(reason.map { ": \($0)" } ?? "")",
                wanted: Self.aim(of: failure),
                remedy: failure == .callStatus
                    ? "Use another extension for this." : Self.remedy(of: failure))
        case Status.outOfMemory:
            throw error(
                failure, .system, item: frame.item, found: "\(function) ran out of memory",
                wanted: Self.aim(of: failure), remedy: "Free memory, or make the task smaller.")
        case Status.cancelled:
            throw error(
                .callStatus, item: frame.item,
                found: "\(function) returned REFLUX_CANCELLED, but nobody cancelled it",
                wanted: "REFLUX_CANCELLED only after is_cancelled said so")
        default:
            throw error(
                .callStatus, item: frame.item,
                found: "\(function) returned the unknown status \(status)",
                wanted: "a status from \(Status.ok) to \(Status.outOfMemory)")
        }
    }

    private static func aim(of check: PluginCheck) -> String {
        switch check {
        case .loadInit: "a plugin that is ready"
        case .instanceCreate: "an instance"
        default: "a result"
        }
    }

    private static func remedy(of check: PluginCheck) -> String {
        switch check {
        case .loadInit: "Do what the plugin asks for, or run without it."
        case .instanceCreate: "Check the extension's settings in the run file."
        default: "Check what the plugin complains of, or ask its author."
        }
    }

    private static func nanoseconds(_ duration: Duration) -> UInt64 {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, seconds < 1 << 32 else { return seconds < 0 ? 0 : 1 << 62 }
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds) / 1_000_000_000
    }

    /// A time in seconds with three digits behind the point, as far as they are needed.
    private static func seconds(_ nanoseconds: UInt64) -> String {
        let text = "\((Double(nanoseconds) / 1e6).rounded() / 1e3)"
        return "\(text.hasSuffix(".0") ? String(text.dropLast(2)) : text) s"
    }
}
