import Foundation
import RefluxCore
import RefluxFiles

/// Where MMLU-Pro lies, how its lines are read, and which question belongs to which split.
///
/// The dataset has 12,032 test questions and 70 validation questions with chains of thought. There is
/// no training split, so the test questions are divided: by the text of the question, because 392
/// texts stand there more than once, and a question must not be learnt in one split and asked in the
/// other.
struct MMLUProFiles: Sendable {
    private let data: String
    private let validationPath: String?
    private let place: SourceLocation
    private let division: TextDivision

    /// Reads the keys `data`, `validation`, `train_fraction` and `split_seed`.
    init(_ reader: ConfigurationReader, context: BuildContext) throws {
        let meaning =
            "the folder with questions.jsonl (or test.jsonl), or the file of the questions"
        data = context.resolve(try reader.requiredString("data", meaning: meaning))
        validationPath = try reader.optionalString("validation").map(context.resolve)
        place = reader.place(of: "data")
        division = try TextDivision(reader)
    }

    /// The questions of a split in the order of the file, and what was odd about the file.
    func examples(in split: Split) throws -> (examples: [Example], warnings: [String]) {
        guard let path = try path(of: split) else { return ([], []) }
        var examples: [Example] = []
        var warnings: [String] = []
        try JSONLines.forEach(in: path) { line, number in
            let place = SourceLocation(path: path, line: number)
            let row = try JSONText.decode(Row.self, from: line, path: path, line: number)
            if let fault = row.inconsistency {
                warnings.append("\(place): question \(row.question_id) is left out: \(fault)")
            } else if split == .validation || division.assigns(row.question, to: split) {
                examples.append(try row.example(in: split, index: examples.count, at: place))
            }
        }
        return (examples, warnings)
    }

    private func path(of split: Split) throws -> String? {
        if split == .validation, let validationPath { return validationPath }
        if Files.exists(data), !Files.isFolder(data) { return split == .validation ? nil : data }
        let names = split == .validation ? ["validation"] : ["questions", "test"]
        let candidates = names.flatMap { ["\(data)/\($0).jsonl", "\(data)/\($0).jsonl.gz"] }
        if let found = candidates.first(where: Files.exists) { return found }
        guard split != .validation else { return nil }
        throw RefluxError(
            .input,
            found: Files.isFolder(data)
                ? "\(data) has neither questions.jsonl nor test.jsonl (nor either with .gz)"
                : "there is no folder or file \(data)", at: place, remedy: "Correct the key data.")
    }

    /// A line of the dataset.
    private struct Row: Decodable {
        // swift-format-ignore: AlwaysUseLowerCamelCase
        let question_id: Int
        let question: String
        let options: [String]
        let answer: String
        // swift-format-ignore: AlwaysUseLowerCamelCase
        let answer_index: Int?
        // swift-format-ignore: AlwaysUseLowerCamelCase
        let cot_content: String?
        let category: String

        /// What makes the question useless: letter and index of the answer disagree.
        var inconsistency: String? {
            guard let index = answer_index, ChoiceLetters.letter(index) != answer else {
                return nil
            }
            return "its answer is \(answer) and its answer_index \(index), which is "
                + (ChoiceLetters.letter(index) ?? "no letter")
        }

        /// Options lose the white space around them: in 470 of the 480 questions that have an option
        /// with a leading space only the right one has it.
        func example(in split: Split, index: Int, at place: SourceLocation) throws -> Example {
            let options = options.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
            guard (2...10).contains(options.count) else {
                throw RefluxError(
                    .input, found: "\(options.count) options", at: place, wanted: "2 to 10",
                    remedy: "Correct or remove the line.")
            }
            guard let right = ChoiceLetters.index(answer), right < options.count else {
                throw RefluxError(
                    .input, found: "the answer \"\(answer)\" and \(options.count) options",
                    at: place, wanted: "the letter of one of them",
                    remedy: "Correct or remove the line.")
            }
            let thought = cot_content ?? ""
            return Example(
                id: "mmlu-pro/\(question_id)", index: index, question: question, gold: answer,
                solution: thought.isEmpty ? nil : thought, category: category, options: options)
        }
    }
}

/// A to Z for the options of a question.
enum ChoiceLetters {
    /// The letter of an option, from 0; `nil` beyond Z.
    static func letter(_ index: Int) -> String? {
        (0..<26).contains(index)
            ? String(UnicodeScalar(UInt8(ascii: "A") + UInt8(index))) : nil
    }

    /// The option of a letter, from 0.
    static func index(_ letter: String) -> Int? {
        guard letter.utf8.count == 1, let byte = letter.utf8.first, (65...90).contains(byte) else {
            return nil
        }
        return Int(byte) - 65
    }
}
