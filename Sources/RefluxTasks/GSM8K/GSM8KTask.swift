public import RefluxCore

/// Grade-school mathematics in words (Cobbe et al., arXiv 2110.14168): one question, one number.
///
/// A line of the dataset:
/// ```json
/// {"question": "Weng earns $12 …", "answer": "Weng earns 12/60 = $<<12/60=0.2>>0.2 …\n#### 10"}
/// ```
/// The example's gold is the number behind `####` in normal form; its solution is the answer
/// without the calculator's marks `<<…>>`.
public struct GSM8KTask: TaskEvaluator {
    /// The task's name in run files and tables.
    public let name = "gsm8k"
    /// `robust`, `strict`, `flexible`.
    public let metrics = NumberGrader.metrics

    private let files: GSM8KFiles
    private let style: GSM8KPrompt
    let grader: NumberGrader
    private let cache = ExampleCache()
    private let shots: DrawnShots

    /// Reads the task's keys: `data`, `test_data`, `prompt`, `question_field`, `answer_field`,
    /// `last_number`, `extractors`. Files are read on first use.
    ///
    /// - Throws: `RefluxError` of kind `usage` for a wrong value.
    public init(_ reader: ConfigurationReader, context: BuildContext) throws {
        files = try GSM8KFiles(reader, context: context)
        style = try reader.choice("prompt", default: .chat)
        let strict = style.strict
        grader = try NumberGrader(
            reader, lastNumber: true,
            strict: StrictNumber(strict.pattern, takesLast: strict.takesLast),
            strictIdentity: strict.identity)
        shots = DrawnShots(count: style.drawnShots, files: files)
    }

    /// The examples of a split. A validation split is optional and else empty.
    ///
    /// - Throws: `RefluxError` naming file and line: the file is missing or empty, a line is not
    ///   JSON, a field is missing or no text, an answer has no `#### N`.
    public func examples(in split: Split) throws -> [Example] {
        try cache.examples(split) { try files.examples(in: split) }
    }

    /// What a model is asked for an example.
    ///
    /// - Throws: as ``examples(in:)``, where training problems are shown first.
    public func prompt(for example: Example) throws -> Prompt {
        Prompt(
            id: example.id, index: example.index,
            content: style.content(of: example.question, shots: try shots.before(example)),
            stops: style.stops)
    }

    /// The answer in normal form, by ``RobustNumber``.
    public func answer(in response: String) -> String? { grader.robust.answer(in: response) }

    /// Whether a response is right, by every metric.
    public func grade(_ response: String, for example: Example) -> Grade {
        grader.grade(response, for: example)
    }
}
