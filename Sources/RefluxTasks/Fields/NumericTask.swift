import Foundation
public import RefluxCore

/// Questions with a number for an answer, from JSON lines of any form: the user names the fields and,
/// if wanted, the prompt. Read and marked as GSM8K's (``GSM8KTask``).
///
/// ```yaml
/// task:
///   use: numeric
///   data: svamp/train.jsonl
///   test_data: svamp/test.jsonl
///   fields: {question: Question, answer: Answer}
/// ```
public struct NumericTask: TaskEvaluator {
    /// The key `name`.
    public let name: String
    /// `robust`, `strict`, `flexible`.
    public let metrics = NumberGrader.metrics

    private let files: FieldFiles
    private let answerMarker: String?
    private let reading: NumberGrader.Reading
    private let prompt: TemplatePrompt
    private let grader: NumberGrader
    private let cache = ExampleCache()

    /// Reads the task's keys. Files are read on first use.
    ///
    /// - Throws: `RefluxError` of kind `usage` for a wrong value.
    public init(_ reader: ConfigurationReader, context: BuildContext) throws {
        files = try FieldFiles(reader, context: context, name: "numeric", hasOptions: false)
        name = files.name
        answerMarker = try reader.optionalString("answer_marker")
        guard answerMarker != "" else {
            throw reader.wrong("answer_marker", wanted: "the text before the number")
        }
        prompt = try TemplatePrompt(
            reader, context: context,
            TemplatePrompt.Defaults(
                template: GSM8KPrompt.instructions + "\n\nProblem: {question}",
                shot: "Problem: {question}\nSolution: {solution}\n\n",
                places: [.question, .category]))
        reading = try reader.choice("extractor", default: .robust)
        let marker = try reader.string("marker", default: "#### ")
        guard !marker.isEmpty else {
            throw reader.wrong("marker", wanted: "the text before the number")
        }
        grader = try NumberGrader(
            reader, lastNumber: true,
            strict: StrictNumber(
                TextPattern.quoted(marker) + #"(\-?[0-9\.\,]+)"#, takesLast: false))
    }

    /// The examples of a split; those of `validation` are shown in prompts.
    ///
    /// - Throws: `RefluxError` naming file, line and field.
    public func examples(in split: Split) throws -> [Example] {
        try cache.examples(split) {
            try files.examples(in: split) { line, example in
                let field = files.names.answer
                let text = try line.text(field, key: "answer")
                if let answerMarker {
                    example.gold = try GSM8KAnswer.gold(
                        of: text, behind: answerMarker, at: line.place)
                    example.solution = example.solution ?? text
                } else {
                    guard let gold = CanonicalNumber.text(of: text) else {
                        throw RefluxError(
                            .input, found: "field \"\(field)\" is \"\(text.prefix(60))\"",
                            at: line.place, wanted: "a number",
                            remedy:
                                "Correct the line; where the number stands at the end of a text, "
                                + "name what stands before it with answer_marker.")
                    }
                    example.gold = gold
                }
            }
        }
    }

    /// What a model is asked for an example.
    ///
    /// - Throws: as ``examples(in:)``, where examples are shown first.
    public func prompt(for example: Example) throws -> Prompt {
        try prompt.prompt(for: example, pool: { try examples(in: .validation) }) { shot in
            "#### \(shot.gold ?? "")"
        }
    }

    /// The answer in normal form, by the reading that the key `extractor` names.
    public func answer(in response: String) -> String? {
        grader.answer(in: response, by: reading)
    }

    /// Whether a response is right, by every metric.
    public func grade(_ response: String, for example: Example) -> Grade {
        // A solution that is no answer of the dataset is not what the published metrics compare with.
        let isAnswer = answerMarker != nil && files.names.solution == nil
        return grader.grade(
            response, for: example, reference: isAnswer ? example.solution : example.gold,
            by: reading)
    }
}

extension NumericTask: TracingTask {
    /// `robust`, `strict`, `flexible`.
    public var readings: [NamedReading] { grader.readings }
    /// The one that the key `extractor` names.
    public var votingReading: String { reading.rawValue }
}
