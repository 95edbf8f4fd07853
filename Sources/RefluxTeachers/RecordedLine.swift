package import Foundation
package import RefluxCore

/// A scalar of a recorded line; what is neither text nor number counts as absent.
enum RecordedField: Decodable, Equatable {
    case text(String)
    case number(Double)
    case absent

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .absent
        }
    }

    /// The text, or the number as it would be written as an id: `70`, not `70.0`.
    var label: String? {
        switch self {
        case .text(let text): text
        case .number(let number): Int(exactly: number).map(String.init) ?? String(number)
        case .absent: nil
        }
    }

    /// The number.
    var number: Double? { if case .number(let value) = self { value } else { nil } }
}

/// One recorded response, read through the names of its fields.
package struct RecordedLine: Sendable {
    /// The id or the question of its prompt.
    package let prompt: String
    /// The response, without the fields that its reader fills in: the prompt's id, and the sample's
    /// index where the line has none (-1).
    package let response: Response

    /// Reads a line.
    ///
    /// - Throws: ``RefluxError`` of kind `input` that names the line and the field.
    package init(
        _ line: Data, at location: SourceLocation, settings: RecordedSettings, decoder: JSONDecoder
    ) throws {
        let object: [String: RecordedField]
        do {
            object = try decoder.decode([String: RecordedField].self, from: line)
        } catch {
            throw RefluxError(
                .input, found: "the line is not a JSON object", at: location,
                wanted: "one response a line", remedy: "Correct or remove the line.")
        }
        let fields = settings.fields
        guard let prompt = object[fields.prompt]?.label else {
            throw Self.missing(
                fields.prompt, key: "prompt", wanted: "a text or a number", of: object, location)
        }
        guard case .text(let text)? = object[fields.text] else {
            throw Self.missing(fields.text, key: "text", wanted: "a text", of: object, location)
        }
        self.prompt = prompt
        response = Response(
            promptID: "", text: text, role: .teacher, source: settings.name,
            model: object[fields.model]?.label ?? settings.name,
            sample: object[fields.sample]?.number.flatMap(Int.init(exactly:)) ?? -1,
            temperature: object[fields.temperature]?.number,
            finish: object[fields.finish]?.label.flatMap(Response.FinishReason.init) ?? .unknown,
            tokenCount: object[fields.tokens]?.number.flatMap(Int.init(exactly:)),
            meanLogProbability: object[fields.meanLogProbability]?.number)
    }

    private static func missing(
        _ field: String, key: String, wanted: String, of object: [String: RecordedField],
        _ location: SourceLocation
    ) -> RefluxError {
        RefluxError(
            .input, found: "no field \"\(field)\" with \(wanted)", at: location,
            wanted: "\(wanted) in the field \"\(field)\"",
            remedy: "Correct the line, or name the field with fields: {\(key): …}. "
                + suggestion(for: field, known: Array(object.keys)))
    }
}
