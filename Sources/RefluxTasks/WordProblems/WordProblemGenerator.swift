import RefluxCore

/// Makes the splits: no question stands in two of them, nor twice in one.
///
/// Problem `i` of a split is drawn from its own ``RandomKey``; when its question is taken it is
/// drawn again from the next one. Test problems come first, then validation, then training: a
/// longer training split changes neither of the others, and a longer split only adds to a shorter
/// one's end.
struct WordProblemGenerator {
    private let settings: WordProblemSettings
    private let attempts: Int
    private var taken: Set<String> = []

    /// The order in which splits claim their questions.
    static let order: [Split] = [.test, .validation, .train]

    /// Starts with no question taken.
    ///
    /// - Parameters:
    ///   - settings: what the problems look like.
    ///   - attempts: how often a problem is drawn before the settings are called too narrow.
    init(_ settings: WordProblemSettings, attempts: Int = 1_000) {
        self.settings = settings
        self.attempts = attempts
    }

    /// The problems of a split; the splits must be asked for in ``order``.
    ///
    /// - Throws: `RefluxError` of kind `usage` when the settings allow fewer different problems.
    mutating func problems(in split: Split) throws -> [WordProblem] {
        var problems: [WordProblem] = []
        for index in 0..<settings.size(of: split) {
            problems.append(try problem(index, in: split))
        }
        return problems
    }

    private mutating func problem(_ index: Int, in split: Split) throws -> WordProblem {
        let number = Self.order.firstIndex(of: split) ?? 0
        for attempt in 0..<attempts {
            let key = RandomKey(
                seed: settings.seed, stage: .prepare, step: Self.use + number, prompt: index,
                sample: attempt)
            var stream = key.stream
            let problem = WordProblem.random(settings, using: &stream)
            if taken.insert(problem.question).inserted { return problem }
        }
        throw RefluxError(
            .usage,
            found: "only \(taken.count) different word problems could be made",
            wanted: "\(settings.testSize + settings.validationSize + settings.trainSize)",
            remedy: "Raise max_number, max_start or max_steps, or lower train_size or test_size.")
    }

    /// Keeps these draws apart from the other uses of the stage `prepare`.
    private static let use = 7_700
}
