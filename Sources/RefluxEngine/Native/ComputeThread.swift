import Foundation

/// The one thread on which all native engines run, one call at a time.
///
/// Engines share the pool, of which this thread is a member, so running them one after another
/// loses nothing; a thread of their own keeps long computations off Swift's cooperative threads and
/// keeps each thread's compiled products in one place.
final class ComputeThread: SerialExecutor, @unchecked Sendable {
    /// The thread of this process.
    static let shared = ComputeThread()

    private let condition = NSCondition()
    private var waiting: [UnownedJob] = []

    private init() {
        let thread = Thread { [self] in run() }
        thread.name = "reflux-compute"
        thread.stackSize = 16 << 20
        thread.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.withLock {
            waiting.append(job)
            condition.signal()
        }
    }

    private func run() {
        while true {
            let jobs = condition.withLock {
                while waiting.isEmpty { condition.wait() }
                defer { waiting.removeAll() }
                return waiting
            }
            for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
        }
    }
}
