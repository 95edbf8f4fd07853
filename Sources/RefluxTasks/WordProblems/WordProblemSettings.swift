public import RefluxCore

/// What the word problems look like and how many there are.
public struct WordProblemSettings: Sendable, Equatable {
    /// Keys the random numbers of the problems. It is not the run's seed: runs with different seeds
    /// share their test problems.
    public var seed: UInt64 = 2024
    /// The largest value that the story's count may take.
    public var maxNumber = 40
    /// The largest first count, and the largest number added or taken away in one step.
    public var maxStart = 20
    /// The fewest steps of a story.
    public var minSteps = 1
    /// The most steps of a story.
    public var maxSteps = 4
    /// How often, of the places where it is possible, a solution merges two additive steps before
    /// it applies them. Different paths to one answer are what makes a teacher's errors
    /// independent, and votes useful.
    public var variedPaths = 0.5
    /// How many training problems there are.
    public var trainSize = 20_000
    /// How many test problems there are.
    public var testSize = 2_000
    /// How many validation problems there are.
    public var validationSize = 500

    /// The defaults.
    public init() {}

    /// Reads the keys `problems_seed`, `max_number`, `max_start`, `min_steps`, `max_steps`,
    /// `varied_paths`, `train_size`, `test_size` and `validation_size`.
    ///
    /// - Throws: `RefluxError` of kind `usage` for a wrong value.
    public init(_ reader: ConfigurationReader) throws {
        seed = UInt64(try reader.int("problems_seed", default: 2024))
        maxNumber = try reader.int("max_number", default: maxNumber, in: 4...100_000)
        let start = min(maxStart, maxNumber)
        maxStart = try reader.int("max_start", default: start, in: 2...maxNumber)
        minSteps = try reader.int("min_steps", default: minSteps, in: 1...20)
        maxSteps = try reader.int("max_steps", default: max(minSteps, maxSteps), in: minSteps...20)
        variedPaths = try reader.double("varied_paths", default: variedPaths, in: 0...1)
        trainSize = try reader.int("train_size", default: trainSize, in: 1...10_000_000)
        testSize = try reader.int("test_size", default: testSize, in: 1...1_000_000)
        validationSize = try reader.int(
            "validation_size", default: validationSize, in: 0...1_000_000)
    }

    /// The number of problems of a split.
    func size(of split: Split) -> Int {
        switch split {
        case .train: trainSize
        case .test: testSize
        case .validation: validationSize
        }
    }
}
