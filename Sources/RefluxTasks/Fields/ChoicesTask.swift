import Foundation
public import RefluxCore

/// Multiple-choice questions from JSON lines of any form: the user names the fields, the form of the
/// answer and, if wanted, the prompt. Read and marked as MMLU-Pro's (``MMLUProTask``).
///
/// ```yaml
/// task:
///   use: choices
///   data: arc/questions.jsonl
///   fields: {question: question.stem, options: question.choices, answer: answerKey}
/// ```
public struct ChoicesTask: TaskEvaluator {
    /// How the field of the answer names the right option.
    enum AnswerForm: String, Sendable, CaseIterable {
        /// Its letter.
        case letter
        /// Its place, from 0.
        case index
        /// Its place, from 1.
        case indexFromOne = "index-from-1"
        /// Its text.
        case text
    }

    /// The key `name`.
    public let name: String
    /// `robust`, `official`, `lm-eval`.
    public let metrics = ChoiceGrader.metrics

    private let files: FieldFiles
    private let form: AnswerForm
    private let prompt: TemplatePrompt
    private let grader: ChoiceGrader
    private let cache = ExampleCache()

    /// Reads the task's keys. Files are read on first use.
    ///
    /// - Throws: `RefluxError` of kind `usage` for a wrong value.
    public init(_ reader: ConfigurationReader, context: BuildContext) throws {
        files = try FieldFiles(reader, context: context, name: "choices", hasOptions: true)
        name = files.name
        form = try reader.choice("answer_form", default: .letter)
        let question = "Question:\n{question}\nOptions:\n{options}\n"
        prompt = try TemplatePrompt(
            reader, context: context,
            TemplatePrompt.Defaults(
                template: question + "\n" + MMLUProPrompt.instructions,
                shot: question + "Answer: {solution}\n\n",
                places: [.question, .options, .category]))
        grader = try ChoiceGrader(reader)
    }

    /// The examples of a split; those of `validation` are shown in prompts.
    ///
    /// - Throws: `RefluxError` naming file, line and field.
    public func examples(in split: Split) throws -> [Example] {
        try cache.examples(split) {
            try files.examples(in: split) { line, example in
                // White space around an option may give the right one away.
                let options = try line.texts(files.names.options, key: "options")
                    .map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
                guard (2...10).contains(options.count) else {
                    throw RefluxError(
                        .input, found: "\(options.count) options", at: line.place,
                        wanted: "2 to 10", remedy: "Correct or remove the line.")
                }
                example.options = options
                example.gold = try gold(of: line, among: options)
            }
        }
    }

    /// What a model is asked for an example.
    ///
    /// - Throws: as ``examples(in:)``, where examples are shown first.
    public func prompt(for example: Example) throws -> Prompt {
        try prompt.prompt(for: example, pool: { try examples(in: .validation) }) { shot in
            "The answer is (\(shot.gold ?? "?"))."
        }
    }

    /// The letter that votes, by the key `extractor`.
    public func answer(in response: String) -> String? { grader.answer(in: response) }

    /// Whether a response is right, by every metric.
    public func grade(_ response: String, for example: Example) -> Grade {
        grader.grade(response, for: example)
    }

    private func gold(of line: FieldLine, among options: [String]) throws -> String {
        let field = files.names.answer
        let text = try line.text(field, key: "answer")
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let index: Int?
        let wanted: String
        switch form {
        case .letter:
            index = ChoiceLetters.index(text)
            wanted = "a letter from A to \(ChoiceLetters.letter(options.count - 1) ?? "J")"
        case .index:
            index = Int(text)
            wanted = "a whole number from 0 to \(options.count - 1)"
        case .indexFromOne:
            index = Int(text).map { $0 - 1 }
            wanted = "a whole number from 1 to \(options.count)"
        case .text:
            let equal = options.indices.filter { options[$0] == text }
            index = equal.count == 1 ? equal.first : nil
            wanted = equal.isEmpty ? "the text of one of the options" : "no two equal options"
        }
        guard let index, options.indices.contains(index), let letter = ChoiceLetters.letter(index)
        else {
            throw RefluxError(
                .input, found: "field \"\(field)\" is \"\(text)\" with \(options.count) options",
                at: line.place, wanted: wanted,
                remedy: "Correct the line, or say with the key answer_form how answers are given.")
        }
        return letter
    }
}

extension ChoicesTask: TracingTask {
    /// `robust`, `official`, `lm-eval`.
    public var readings: [NamedReading] { grader.readings }
    /// The one that the key `extractor` names.
    public var votingReading: String { grader.votingReading }
}
