import Foundation
import RefluxCore
import RefluxFiles
import RefluxPluginHost

extension ChildTest {
    /// A hundred instances one after another, each used and destroyed, after thirty that fill what
    /// is filled once. The process may grow by 40 KiB an instance.
    func checkManyInstances<E: Exercise>(_ exercise: E) async throws {
        try await use(exercise, times: 30)
        let before = try Self.residentBytes()
        try await use(exercise, times: 100)
        let growth = try Self.residentBytes() - before
        guard growth <= 100 * 40 * 1_024 else {
            throw bench.failure(
                "state.memory", found: "100 instances left \(growth / 1_024) KiB behind",
                wanted: "at most 4,000 KiB",
                remedy: "Free in destroy what create made, and after each call what it used.")
        }
    }

    private func use<E: Exercise>(_ exercise: E, times: Int) async throws {
        for _ in 0..<times {
            let part = try exercise.make(bench)
            for input in 0..<min(3, exercise.inputCount) {
                _ = try await exercise.outcome(of: input, from: part)
            }
        }
    }

    /// The memory of this process that is in use (proc(5), statm; pages of 4 KiB or more).
    private static func residentBytes() throws -> Int {
        let fields = try Files.readText("/proc/self/statm").split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else {
            throw RefluxError(
                .system, found: "no numbers", at: SourceLocation(path: "/proc/self/statm"))
        }
        return pages * NSPageSize()
    }

    /// A long call whose task is cancelled after a twentieth of a second.
    func checkCancellation<E: Exercise>(_ exercise: E) async throws {
        let part = try exercise.make(bench)
        let clock = ContinuousClock()
        let call = Task {
            // Whatever else is wrong with it is the matter of other tests.
            _ = try? await exercise.longCall(part)
            return clock.now
        }
        try await Task.sleep(for: .milliseconds(50))
        let start = clock.now
        call.cancel()
        let end = await call.value
        guard end - start <= .seconds(2) else {
            throw bench.failure(
                "cancellation", found: "the call went on for \(end - start) after it was cancelled",
                wanted: "an end within 2 seconds",
                remedy: "Ask is_cancelled between items, and return REFLUX_CANCELLED.")
        }
    }
}
