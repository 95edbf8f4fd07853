import RefluxCore

/// The names of a line's fields: the table `fields` of a task that reads files of any form.
struct FieldNames: Sendable {
    /// The question.
    let question: String
    /// The gold answer.
    let answer: String
    /// The options: one field that is a list, or a field an option; empty for tasks without options.
    let options: [String]
    /// What identifies the question, if there is such a field.
    let id: String?
    /// The category, if there is one.
    let category: String?
    /// A worked solution, if there is one.
    let solution: String?

    /// Reads the table `fields`.
    init(_ reader: ConfigurationReader, hasOptions: Bool) throws {
        let table = try reader.table("fields")
        question = try table.string("question", default: "question")
        answer = try table.string("answer", default: "answer")
        options = hasOptions ? try table.strings("options", default: ["options"]) : []
        id = try table.optionalString("id")
        category = try table.optionalString("category")
        solution = try table.optionalString("solution")
        try table.finish()
        reader.record("fields", table.resolved.value)
        guard !hasOptions || !options.isEmpty else {
            throw table.wrong("options", wanted: "a field's name, or a name for each option")
        }
    }
}

/// One line of a file with named fields.
struct FieldLine {
    /// The line.
    let value: FieldValue
    /// Where it stands.
    let place: SourceLocation

    /// The text, or the number as a text, of a field.
    ///
    /// - Parameters:
    ///   - path: the field's name or dotted path.
    ///   - key: the key of the table `fields` that names it.
    /// - Returns: the text, never blank.
    /// - Throws: `RefluxError` naming the line and the field.
    func text(_ path: String, key: String) throws -> String {
        let found = try self.found(path, key: key)
        guard let text = found.label else {
            throw wrong(path, found, wanted: "a text or a number")
        }
        guard !text.allSatisfy(\.isWhitespace) else {
            throw RefluxError(
                .input, found: "field \"\(path)\" is empty", at: place,
                remedy: "Correct or remove the line.")
        }
        return text
    }

    /// The same of a field that a line may lack.
    func optionalText(_ path: String?, key: String) throws -> String? {
        guard let path, let found = value.at(path), found.label?.isEmpty != true else { return nil }
        if case .null = found { return nil }
        return try text(path, key: key)
    }

    /// The texts of a list, or of several fields.
    func texts(_ paths: [String], key: String) throws -> [String] {
        guard paths.count == 1, let path = paths.first else {
            return try paths.map { try text($0, key: key) }
        }
        let found = try self.found(path, key: key)
        guard case .list(let elements) = found else {
            throw wrong(path, found, wanted: "a list of texts")
        }
        return try elements.map { element in
            guard let text = element.label else {
                throw wrong(path, .list([element]), wanted: "a list of texts")
            }
            return text
        }
    }

    private func found(_ path: String, key: String) throws -> FieldValue {
        if let found = value.at(path) { return found }
        throw RefluxError(
            .input, found: "no field \"\(path)\"", at: place,
            remedy:
                "The key fields.\(key) of the task names the field, with dots for fields inside "
                + "fields. " + suggestion(for: path, known: value.names))
    }

    private func wrong(_ path: String, _ found: FieldValue, wanted: String) -> RefluxError {
        RefluxError(
            .input, found: "field \"\(path)\" is \(found.words)", at: place, wanted: wanted,
            remedy: "Correct the line, or name another field.")
    }
}
