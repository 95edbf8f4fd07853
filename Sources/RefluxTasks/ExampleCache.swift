import RefluxCore
import Synchronization

/// The examples of each split with what was odd about their file, made once and kept.
final class ExampleCache: Sendable {
    private typealias Loaded = (examples: [Example], warnings: [String])

    private let splits = Mutex<[Split: Loaded]>([:])

    /// The kept examples, or those that `make` makes. Two threads that ask at once may both make
    /// them; the results are equal.
    func examples(_ split: Split, _ make: () throws -> [Example]) rethrows -> [Example] {
        try loaded(split) { (try make(), []) }.examples
    }

    /// The same with the warnings of the file.
    func loaded(
        _ split: Split, _ make: () throws -> (examples: [Example], warnings: [String])
    ) rethrows -> (examples: [Example], warnings: [String]) {
        if let kept = splits.withLock({ $0[split] }) { return kept }
        let made = try make()
        splits.withLock { $0[split] = made }
        return made
    }
}
