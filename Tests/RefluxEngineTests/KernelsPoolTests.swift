import Synchronization
import Testing

@testable import RefluxEngine

@Suite struct KernelsPoolTests {
    @Test(arguments: [1, 2, 5]) func everyTaskRunsOnce(_ threads: Int) {
        let pool = ComputePool(threads: threads)
        #expect(pool.threads == threads)
        for tasks in [0, 1, 2, 3, 100] {
            for _ in 0..<200 {
                var counts = [Int](repeating: 0, count: tasks)
                counts.withUnsafeMutableBufferPointer { counts in
                    nonisolated(unsafe) let counts = counts
                    pool.run(tasks) { counts[$0] += 1 }
                }
                #expect(counts.allSatisfy { $0 == 1 })
            }
        }
    }

    @Test func blocksCoverTheRange() {
        let pool = ComputePool(threads: 2)
        let sum = Atomic(0)
        pool.runBlocks(1003, size: 64) { range in
            sum.add(range.reduce(0, +), ordering: .relaxed)
        }
        #expect(sum.load(ordering: .relaxed) == 1003 * 1002 / 2)
    }

    @Test func jobsMayBeStartedFromTasks() {
        let pool = ComputePool(threads: 3)
        let count = Atomic(0)
        pool.run(10) { _ in pool.run(10) { _ in count.add(1, ordering: .relaxed) } }
        #expect(count.load(ordering: .relaxed) == 100)
    }

    private final class Counters: Sendable {
        let count = Atomic(0)
        let inside = Atomic(0)
        let most = Atomic(0)
    }

    @Test func callersWaitForOneAnother() async {
        let pool = ComputePool(threads: 2)
        let counters = Counters()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<100 {
                        pool.run(4) { _ in
                            let now = counters.inside.add(1, ordering: .relaxed).newValue
                            counters.most.max(now, ordering: .relaxed)
                            counters.count.add(1, ordering: .relaxed)
                            counters.inside.subtract(1, ordering: .relaxed)
                        }
                    }
                }
            }
        }
        #expect(counters.count.load(ordering: .relaxed) == 3200)
        #expect(counters.most.load(ordering: .relaxed) <= 2)
    }
}
