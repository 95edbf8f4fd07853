import RefluxCore
import Synchronization

/// The examples of each split, made once and kept.
final class ExampleCache: Sendable {
    private let splits = Mutex<[Split: [Example]]>([:])

    /// The kept examples, or those that `make` makes. Two threads that ask at once may both make
    /// them; the results are equal.
    func examples(_ split: Split, _ make: () throws -> [Example]) rethrows -> [Example] {
        if let kept = splits.withLock({ $0[split] }) { return kept }
        let made = try make()
        splits.withLock { $0[split] = made }
        return made
    }
}
