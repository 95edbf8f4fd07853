public import RefluxCore

/// Generated arithmetic stories of a few steps, in the form of GSM8K: small enough that a
/// transformer of half a million parameters learns them from nothing in minutes, so that a whole
/// run can be tried without a download.
///
/// ```text
/// Tom has 12 apples. He buys 5 more. Then there are 2 times as many. How many apples does he have?
/// 12 + 5 = 17
/// 17 * 2 = 34
/// #### 34
/// ```
/// The problems depend on `problems_seed`, not on the run's seed. A response must mark its answer
/// (`####`, or another marker of ``RobustNumber``) unless `last_number` is set.
public struct WordProblemsTask: TaskEvaluator {
    /// The task's name in run files and tables.
    public let name = "word-problems"
    /// `robust`, `strict`, `flexible`.
    public let metrics = NumberGrader.metrics

    private let settings: WordProblemSettings
    let grader: NumberGrader
    private let cache = ExampleCache()

    /// Reads the keys of ``WordProblemSettings``, `last_number` and `extractors`. Problems are made
    /// on first use.
    ///
    /// - Throws: `RefluxError` of kind `usage` for a wrong value.
    public init(_ reader: ConfigurationReader) throws {
        settings = try WordProblemSettings(reader)
        grader = try NumberGrader(reader, lastNumber: false)
    }

    /// The problems of a split.
    ///
    /// - Throws: `RefluxError` of kind `usage` when the settings allow fewer different problems.
    public func examples(in split: Split) throws -> [Example] {
        try cache.examples(split) {
            var generator = WordProblemGenerator(settings)
            var problems: [WordProblem] = []
            for earlier in WordProblemGenerator.order {
                problems = try generator.problems(in: earlier)
                if earlier == split { break }
            }
            return problems.enumerated().map { index, problem in
                Example(
                    id: "word-problems/\(split.rawValue)/\(index)", index: index,
                    question: problem.question, gold: problem.gold, solution: problem.solution,
                    category: "\(problem.steps) step\(problem.steps == 1 ? "" : "s")")
            }
        }
    }

    /// What a model is asked for an example.
    public func prompt(for example: Example) -> Prompt {
        Prompt(
            id: example.id, index: example.index, content: .text(example.question + "\n"))
    }

    /// The answer in normal form, by ``RobustNumber``.
    public func answer(in response: String) -> String? { grader.robust.answer(in: response) }

    /// Whether a response is right, by every metric.
    public func grade(_ response: String, for example: Example) -> Grade {
        grader.grade(response, for: example)
    }
}
