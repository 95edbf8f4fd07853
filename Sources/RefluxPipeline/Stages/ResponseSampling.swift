import RefluxCore
import Synchronization

extension LanguageModelEngine {
    /// Draws responses to many prompts in one call.
    ///
    /// - Parameters:
    ///   - prompts: what to answer; their stops are added to the settings'.
    ///   - settings: how to draw.
    ///   - count: responses of each prompt.
    ///   - observer: told of every finished response.
    ///   - key: the random numbers of a prompt's first sample.
    /// - Returns: the responses of each prompt, in order.
    /// - Throws: ``RefluxError`` when a prompt does not fit the model.
    func responses(
        to prompts: [Prompt], settings: SamplingSettings, count: Int = 1,
        observer: RunObserver = .silent, key: (Prompt) -> RandomKey
    ) async throws -> [[SampledResponse]] {
        let requests = try prompts.map { prompt in
            var settings = settings
            settings.stops += prompt.stops
            return SampleRequest(
                id: prompt.id, prompt: try tokenizer.encode(prompt.content), settings: settings,
                count: count, key: key(prompt))
        }
        let total = prompts.count * count
        let finished = Counter()
        return try await sample(requests) {
            observer.progress(finished.increment(), total, "responses")
        }
    }
}

/// A count that several threads may raise.
final class Counter: Sendable {
    private let value = Mutex(0)

    /// Adds one and returns the new count.
    func increment() -> Int {
        value.withLock { value in
            value += 1
            return value
        }
    }
}

extension RunObserver {
    /// An observer for a part of the work: its progress counts from `done` of `total`.
    func part(done: Int, of total: Int, unit: String) -> RunObserver {
        let outer = self
        var part = self
        part.progress = { partDone, _, _ in outer.progress(done + partDone, total, unit) }
        return part
    }
}
