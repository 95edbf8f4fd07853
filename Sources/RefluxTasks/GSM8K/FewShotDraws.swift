import RefluxCore
import Synchronization

/// Which training problems stand before which question: lm-evaluation-harness' draws.
///
/// The harness draws from one `random.Random(1234)`, question after question, so the shots of question i
/// depend on its place. Questions of the training split, which the harness never asks, get one more
/// draw and never themselves.
final class FewShotDraws: Sendable {
    /// The harness' seed.
    static let seed: UInt64 = 1234

    private struct Walk {
        var random = PythonRandom(seed: FewShotDraws.seed)
        var drawn: [[Int]] = []
    }

    private let count: Int
    private let pool: Int
    private let excludesItself: Bool
    private let walk = Mutex(Walk())

    /// Draws `count` of `pool` problems for each question; `excludesItself` where the questions are the
    /// pool.
    init(_ count: Int, of pool: Int, excludesItself: Bool) {
        self.count = count
        self.pool = pool
        self.excludesItself = excludesItself
    }

    /// The problems before the question at an index.
    func shots(at index: Int) -> [Int] {
        walk.withLock { walk in
            while walk.drawn.count <= index {
                let wanted = min(pool, count + (excludesItself ? 1 : 0))
                let drawn = walk.random.sample(wanted, of: pool)
                let itself = walk.drawn.count
                walk.drawn.append(
                    Array(drawn.filter { !excludesItself || $0 != itself }.prefix(count)))
            }
            return walk.drawn[index]
        }
    }
}
