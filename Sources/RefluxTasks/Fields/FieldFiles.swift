import Foundation
import RefluxCore
import RefluxFiles

/// The files of a task that reads lines of any form, and which question belongs to which split.
struct FieldFiles: Sendable {
    /// What the data are called in ids and tables.
    let name: String
    /// The names of the lines' fields.
    let names: FieldNames
    private let data: String
    private let testData: String?
    private let shotsData: String?
    private let place: SourceLocation
    private let division: TextDivision

    /// Reads the keys `name`, `data`, `test_data`, `shots_data`, `train_fraction`, `split_seed` and
    /// `fields`.
    init(
        _ reader: ConfigurationReader, context: BuildContext, name: String, hasOptions: Bool
    ) throws {
        let meaning = "the folder with train.jsonl and test.jsonl, or the file of the questions"
        data = context.resolve(try reader.requiredString("data", meaning: meaning))
        place = reader.place(of: "data")
        testData = try reader.optionalString("test_data").map(context.resolve)
        shotsData = try reader.optionalString("shots_data").map(context.resolve)
        division = try TextDivision(reader)
        self.name = try reader.string("name", default: name)
        guard !self.name.isEmpty, !self.name.contains("/") else {
            throw reader.wrong("name", wanted: "a name without slashes")
        }
        names = try FieldNames(reader, hasOptions: hasOptions)
    }

    /// The examples of a split, in the order of the file.
    ///
    /// - Parameters:
    ///   - split: `validation` are the examples that prompts show.
    ///   - fill: reads what the task needs beside question, id and category.
    /// - Returns: the examples; none where a split has no file.
    /// - Throws: `RefluxError` naming file, line and field.
    func examples(
        in split: Split, _ fill: (FieldLine, inout Example) throws -> Void
    ) throws -> [Example] {
        guard let file = try file(of: split) else { return [] }
        var examples: [Example] = []
        var lines: [String: Int] = [:]
        var count = 0
        try JSONLines.forEach(in: file.path) { data, number in
            count += 1
            let place = SourceLocation(path: file.path, line: number)
            let line = FieldLine(
                value: try JSONText.decode(
                    FieldValue.self, from: data, path: file.path, line: number), place: place)
            let question = try line.text(names.question, key: "question")
            if file.isDivided, !division.assigns(question, to: split) { return }
            let id = try names.id.map { try line.text($0, key: "id") }
            var example = Example(
                id: "\(name)/" + (id ?? "\(split.rawValue)/\(examples.count)"),
                index: examples.count, question: question,
                solution: try line.optionalText(names.solution, key: "solution"),
                category: try line.optionalText(names.category, key: "category"))
            if let earlier = lines.updateValue(number, forKey: example.id) {
                throw RefluxError(
                    .input, found: "the id \"\(id ?? "")\" stands in line \(earlier) already",
                    at: place, wanted: "an id of its own for every question",
                    remedy: "Correct it, or leave out the key fields.id to number the lines.")
            }
            try fill(line, &example)
            examples.append(example)
        }
        guard count > 0 else {
            throw RefluxError(
                .input, found: "the file is empty", at: SourceLocation(path: file.path),
                wanted: "one question a line")
        }
        return examples
    }

    /// The file of a split, and whether it holds both others.
    private func file(of split: Split) throws -> (path: String, isDivided: Bool)? {
        switch split {
        case .test: if let testData { return (testData, false) }
        case .validation: if let shotsData { return (shotsData, false) }
        case .train: break
        }
        if Files.exists(data), !Files.isFolder(data) {
            return split == .validation ? nil : (data, testData == nil)
        }
        let plain = "\(data)/\(split.rawValue).jsonl"
        if let found = [plain, plain + ".gz"].first(where: Files.exists) { return (found, false) }
        guard split != .validation else { return nil }
        let found =
            Files.isFolder(data)
            ? "\(data) has neither \(split.rawValue).jsonl nor \(split.rawValue).jsonl.gz"
            : "there is no folder or file \(data)"
        throw RefluxError(.input, found: found, at: place, remedy: "Correct the key data.")
    }
}
