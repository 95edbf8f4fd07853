import Foundation
import RefluxCore
import RefluxFiles
import RefluxTeachers

/// The names of the fields of recorded responses; those that are not given are found in the first
/// line.
package struct ResponseFields: Sendable, Equatable {
    /// The field of the question's id (`--id-field`).
    package var id: String?
    /// The field of the question's text (`--question-field`).
    package var question: String?
    /// The field of the model's name (`--model-field`).
    package var model: String?
    /// The field of the response (`--response-field`).
    package var response: String?

    /// Makes names.
    package init(
        id: String? = nil, question: String? = nil, model: String? = nil, response: String? = nil
    ) {
        self.id = id
        self.question = question
        self.model = model
        self.response = response
    }

    /// How the lines of a file are read.
    ///
    /// - Throws: ``RefluxError`` of kind `input` naming the option, when the first line lacks a field.
    func settings(for path: String) throws -> RecordedSettings {
        let first = try Self.firstLine(of: path)
        var fields = RecordedSettings.Fields()
        let match: RecordedSettings.Match
        let known = Array(first.fields.keys)
        let find = { (given: String?, usual: [String], option: String, what: String) in
            if let given {
                if known.contains(given) { return given }
                throw RefluxError(
                    .input, found: "no field \"\(given)\"", at: first.place,
                    remedy: "\(option) names \(what). " + suggestion(for: given, known: known))
            }
            if let found = usual.first(where: known.contains) { return found }
            throw RefluxError(
                .input, found: "no field for \(what)", at: first.place,
                wanted: "one of \(usual.joined(separator: ", "))",
                remedy: "Name the field with \(option). "
                    + suggestion(for: usual[0], known: known))
        }
        let usualIDs = ["question_id", "prompt", "id"]
        if question != nil
            || id == nil && !usualIDs.contains(where: known.contains)
                && known.contains("question")
        {
            match = .question
            fields.prompt = try find(
                question, ["question"], "--question-field", "the question's text")
        } else {
            match = .id
            fields.prompt = try find(id, usualIDs, "--id-field", "the question's id")
        }
        fields.text = try find(
            response, ["response", "text"], "--response-field", "the response's text")
        if let model { fields.model = try find(model, [], "--model-field", "the model") }
        return RecordedSettings(path: path, match: match, fields: fields)
    }

    private static func firstLine(
        of path: String
    ) throws -> (fields: [String: JSONValue], place: SourceLocation) {
        var found: (fields: [String: JSONValue], place: SourceLocation)?
        do {
            try JSONLines.forEach(in: path) { line, number in
                let place = SourceLocation(path: path, line: number)
                found = (
                    try JSONText.decode(
                        [String: JSONValue].self, from: line, path: path, line: number), place
                )
                throw Found()
            }
        } catch is Found {}
        guard let found else {
            throw RefluxError(
                .input, found: "the file is empty", at: SourceLocation(path: path),
                wanted: "one response a line")
        }
        return found
    }

    private struct Found: Error {}
}
