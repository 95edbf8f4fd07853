public import RefluxCore

/// MMLU-Pro (Wang et al., arXiv 2406.01574): questions of 14 fields with 3 to 10 options, A to J.
///
/// A line of the dataset:
/// ```json
/// {"question_id": 70, "question": "Typical …", "options": ["Safe …", "Unsafe …"], "answer": "I",
///  "answer_index": 8, "cot_content": "", "category": "business", "src": "…"}
/// ```
/// The example's gold is the letter; the solution of a validation question is its chain of thought.
public struct MMLUProTask: TaskEvaluator {
    /// The task's name in run files and tables.
    public let name = "mmlu-pro"
    /// `robust`, `official`, `lm-eval`.
    public let metrics = ChoiceGrader.metrics

    private let files: MMLUProFiles
    private let style: MMLUProPrompt
    private let shots: Int
    let grader: ChoiceGrader
    private let window: PromptWindow?
    private let cache = ExampleCache()

    /// Reads the task's keys. Files are read on first use.
    ///
    /// - Throws: `RefluxError` of kind `usage` for a wrong value.
    public init(_ reader: ConfigurationReader, context: BuildContext) throws {
        files = try MMLUProFiles(reader, context: context)
        style = try reader.choice("prompt", default: .chat)
        shots = try reader.int("shots", default: style.defaultShots, in: 0...5)
        grader = try ChoiceGrader(reader)
        window = try PromptWindow(reader, context: context)
    }

    /// The examples of a split: `train` and `test` divide the test questions by their text.
    ///
    /// - Throws: `RefluxError` naming file and line.
    public func examples(in split: Split) throws -> [Example] {
        try cache.loaded(split) { try files.examples(in: split) }.examples
    }

    /// What was odd about a split's file: questions that are left out, and why.
    public func warnings(in split: Split) throws -> [String] {
        try cache.loaded(split) { try files.examples(in: split) }.warnings
    }

    /// What a model is asked for an example. Where `shot_tokenizer` is given, validation questions are
    /// left out from the end until the prompt fits, as the official script does.
    public func prompt(for example: Example) throws -> Prompt {
        let shown =
            shots == 0
            ? []
            : try examples(in: .validation).filter { $0.category == example.category }
                .prefix(shots)
        let content = { style.content(of: example, shots: $0) }
        return Prompt(
            id: example.id, index: example.index,
            content: try window?.fitting(Array(shown), content) ?? content(Array(shown)),
            stops: style == .chat ? [] : ["Question:"])
    }

    /// The letter that votes, by the key `extractor`.
    public func answer(in response: String) -> String? { grader.answer(in: response) }

    /// Whether a response is right, by every metric.
    public func grade(_ response: String, for example: Example) -> Grade {
        grader.grade(response, for: example)
    }
}
