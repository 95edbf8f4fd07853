import Foundation
import RefluxCore
import RefluxFiles

/// Where a GSM8K-shaped dataset lies and how its lines are read.
struct GSM8KFiles: Sendable {
    private let data: String
    private let testData: String?
    private let place: SourceLocation
    private let questionField: String
    private let answerField: String

    /// Reads the keys `data`, `test_data`, `question_field` and `answer_field`.
    init(_ reader: ConfigurationReader, context: BuildContext) throws {
        let meaning = "the folder with train.jsonl and test.jsonl, or the file of training problems"
        data = context.resolve(try reader.requiredString("data", meaning: meaning))
        testData = try reader.optionalString("test_data").map(context.resolve)
        place = reader.place(of: "data")
        questionField = try reader.string("question_field", default: "question")
        answerField = try reader.string("answer_field", default: "answer")
    }

    /// The examples of a split, in the order of its file.
    func examples(in split: Split) throws -> [Example] {
        guard let path = try path(of: split) else { return [] }
        var examples: [Example] = []
        try JSONLines.forEach(in: path) { line, number in
            examples.append(
                try example(line, in: split, index: examples.count, of: path, line: number))
        }
        guard !examples.isEmpty else {
            throw RefluxError(
                .input, found: "the dataset is empty", at: SourceLocation(path: path),
                wanted: "one problem a line", remedy: "Fill the file, or name another one.")
        }
        return examples
    }

    /// Questions and answers of the training file as they stand there, calculator marks included.
    func rawTrainingProblems() throws -> [(question: String, answer: String)] {
        guard let path = try path(of: .train) else { return [] }
        var problems: [(question: String, answer: String)] = []
        try JSONLines.forEach(in: path) { line, number in
            let place = SourceLocation(path: path, line: number)
            let fields = try JSONText.decode(
                [String: Field].self, from: line, path: path, line: number)
            problems.append(
                (
                    try text(of: questionField, in: fields, at: place),
                    try text(of: answerField, in: fields, at: place)
                ))
        }
        return problems
    }

    private func path(of split: Split) throws -> String? {
        if split == .test, let testData { return testData }
        if Files.exists(data), !Files.isFolder(data) {
            switch split {
            case .train: return data
            case .validation: return nil
            case .test:
                throw RefluxError(
                    .usage, found: "\(data) is one file, so there are no test problems", at: place,
                    remedy: "Name their file with the key test_data, or give a folder with "
                        + "train.jsonl and test.jsonl.")
            }
        }
        let plain = "\(data)/\(split.rawValue).jsonl"
        let candidates = [plain, plain + ".gz"]
        if let found = candidates.first(where: Files.exists) { return found }
        guard split != .validation else { return nil }
        let found =
            Files.isFolder(data)
            ? "\(data) has neither \(split.rawValue).jsonl nor \(split.rawValue).jsonl.gz"
            : "there is no folder or file \(data)"
        throw RefluxError(.input, found: found, at: place, remedy: "Correct the key data.")
    }

    private func example(
        _ line: Data, in split: Split, index: Int, of path: String, line number: Int
    ) throws -> Example {
        let place = SourceLocation(path: path, line: number)
        let fields = try JSONText.decode([String: Field].self, from: line, path: path, line: number)
        let question = try text(of: questionField, in: fields, at: place)
        let answer = try text(of: answerField, in: fields, at: place)
        guard !question.allSatisfy(\.isWhitespace) else {
            throw RefluxError(
                .input, found: "field \"\(questionField)\" is empty", at: place,
                remedy: "Correct or remove the line.")
        }
        return Example(
            id: "gsm8k/\(split.rawValue)/\(index)", index: index, question: question,
            gold: try GSM8KAnswer.gold(of: answer, at: place),
            solution: GSM8KAnswer.withoutCalculatorMarks(answer))
    }

    private func text(
        of field: String, in fields: [String: Field], at place: SourceLocation
    ) throws -> String {
        guard let found = fields[field] else {
            throw RefluxError(
                .input, found: "no field \"\(field)\"", at: place,
                remedy: "The keys question_field and answer_field of the task name the fields. "
                    + suggestion(for: field, known: Array(fields.keys)))
        }
        guard case .text(let text) = found else {
            throw RefluxError(
                .input, found: "field \"\(field)\" is not a text", at: place, wanted: "a text")
        }
        return text
    }

    /// A field of which only texts are looked at.
    private enum Field: Decodable {
        case text(String)
        case other

        init(from decoder: any Decoder) throws {
            let text = try? decoder.singleValueContainer().decode(String.self)
            self = text.map(Field.text) ?? .other
        }
    }
}
