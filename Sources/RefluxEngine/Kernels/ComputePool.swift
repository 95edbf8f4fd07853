import CKernels

/// The threads that all matrix and element-wise work runs on.
///
/// A job is a number of tasks; the calling thread takes part. Which thread runs which task is left
/// open, so tasks write to places of their own and results depend neither on timing nor on the
/// number of threads. Jobs of different callers run one after another.
final class ComputePool: @unchecked Sendable {
    /// The pool of as many threads as this process has cores.
    static let shared = ComputePool(threads: Int(reflux_available_cores()))

    private let handle: OpaquePointer?

    /// Makes a pool. When the machine refuses threads, jobs run on the caller alone.
    init(threads: Int) {
        handle = reflux_pool_create(Int32(clamping: max(1, threads)))
    }

    deinit {
        if let handle { reflux_pool_destroy(handle) }
    }

    /// The number of threads, the caller's included.
    var threads: Int { handle.map { Int(reflux_pool_threads($0)) } ?? 1 }

    /// Runs `body` for 0 ..< tasks, in parallel, and returns when all are done.
    func run(_ tasks: Int, _ body: (Int) -> Void) {
        guard let handle, tasks > 1 else {
            for task in 0..<max(0, tasks) { body(task) }
            return
        }
        withoutActuallyEscaping(body) { body in
            withUnsafePointer(to: body) { pointer in
                reflux_pool_run(
                    handle, Int32(tasks),
                    { context, task in
                        context?.assumingMemoryBound(to: ((Int) -> Void).self)
                            .pointee(Int(task))
                    }, UnsafeMutableRawPointer(mutating: pointer))
            }
        }
    }

    /// Splits 0 ..< count into ranges of `size` (the last may be shorter), one a task.
    func runBlocks(_ count: Int, size: Int, _ body: (Range<Int>) -> Void) {
        run((count + size - 1) / size) { task in
            body(task * size..<min(count, (task + 1) * size))
        }
    }
}
