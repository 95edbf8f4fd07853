import Dispatch
import Synchronization

/// Runs tasks on the thread that waits for them: a plugin's functions all run on a worker's first
/// thread, which has the largest stack and the stack for signal handlers, and no call waits for
/// another thread to wake up.
final class WorkerExecutor: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let work = DispatchSemaphore(value: 0)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        work.signal()
    }

    /// Runs a body to its end.
    ///
    /// - Parameters:
    ///   - started: is given the task, so that others can cancel it.
    ///   - body: what to do.
    func run(
        started: (Task<Void, Never>) -> Void, _ body: @escaping @Sendable () async -> Void
    ) {
        let isDone = Mutex(false)
        started(
            Task(executorPreference: self) {
                await body()
                isDone.withLock { $0 = true }
            })
        while !isDone.withLock({ $0 }) {
            work.wait()
            let job = jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            job?.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}
