import CRefluxPlugin
import Glibc
import RefluxCore
import Synchronization

/// One call of the host into a plugin: what stands behind a `reflux_call`. Its services may be used
/// from any thread while the call runs.
final class PluginCall: @unchecked Sendable {
    /// Who is called.
    let site: CallSite
    /// What is being worked on, for errors: the prompt's id.
    let item: String?
    /// How many responses, prompts or answers there are, to check indexes.
    let itemCount: Int
    /// When the call has to be over; `nil` for never.
    let deadline: UInt64?
    /// To be told of progress.
    let observer: RunObserver?
    /// What was said so far.
    let outputs = Mutex(CallOutputs())
    private let promptIndex: Int
    private let task: UnsafeCurrentTask?

    /// Makes a call. `task` has to outlive it.
    init(site: CallSite, frame: CallFrame, deadline: UInt64?, task: UnsafeCurrentTask?) {
        self.site = site
        item = frame.item
        itemCount = frame.itemCount
        promptIndex = frame.promptIndex
        observer = frame.observer
        self.deadline = deadline
        self.task = task
    }

    /// Whether the host's task was cancelled.
    var isTaskCancelled: Bool { task?.isCancelled ?? false }

    /// Whether the call should end.
    var isCancelled: Bool { isTaskCancelled || remaining < 0 }

    /// The nanoseconds that are left.
    var remaining: Int64 {
        guard let deadline else { return .max }
        return Int64(bitPattern: deadline &- Monotonic.now)
    }

    /// The random words of this call.
    func words(stream: UInt64, position: UInt64) -> SIMD4<UInt32> {
        var seed = site.seed
        let high = position >> 32
        if high != 0 { seed ^= fnv1a((0..<4).map { UInt8(truncatingIfNeeded: high >> ($0 * 8)) }) }
        var key = RandomKey(seed: seed, stage: .plugin, prompt: promptIndex)
        key.step = UInt32(truncatingIfNeeded: stream >> 32)
        key.sample = UInt32(truncatingIfNeeded: stream)
        return key.words(at: Int(position & 0xFFFF_FFFF))
    }

    /// Notes the first thing that the plugin said wrongly.
    func refuse(_ found: String, wanted: String) {
        let error = site.error(.callResult, item: item, found: found, wanted: wanted)
        outputs.withLock { if $0.fault == nil { $0.fault = error } }
    }

    /// A text that the plugin gave; a bad one is noted and gives `nil`.
    func take(_ name: @autoclosure () -> String, _ string: reflux_string) -> String? {
        do {
            return try BoundaryText.read(string)
        } catch {
            refuse("\(name()) \(error.found)", wanted: TextFault.wanted)
            return nil
        }
    }

    /// A text that the plugin gave and that says something; others are noted and give `nil`.
    func takeFilled(_ name: @autoclosure () -> String, _ string: reflux_string) -> String? {
        if string.length == 0 {
            refuse("\(name()) is empty", wanted: "a text")
            return nil
        }
        return take(name(), string)
    }
}

/// What a call is about.
struct CallFrame {
    /// The function, for errors.
    let function: String
    /// What is being worked on, for errors.
    var item: String?
    /// The index of the prompt that is worked on; it keys the random numbers.
    var promptIndex = 0
    /// How many things indexes may point to.
    var itemCount = 0
    /// Whether the plugin's call limit holds for it.
    var isLimited = true
    /// To be told of progress.
    var observer: RunObserver?
}

/// The clock of deadlines.
enum Monotonic {
    /// Nanoseconds since some moment in the past.
    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
