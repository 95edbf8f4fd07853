import Foundation
import RefluxCore

/// Tells a decoding error as a user would: which field, what it holds, what was wanted.
///
/// - Parameters:
///   - error: what the decoder threw.
///   - json: the bytes that were decoded; looked at again to say what the field holds.
///   - place: the file and line.
/// - Returns: the error to throw.
func inWords(_ error: DecodingError, json: Data, at place: SourceLocation) -> RefluxError {
    switch error {
    case .keyNotFound(let key, let context):
        return RefluxError(
            .input, found: "no field \"\(dotted(context.codingPath + [key]))\"", at: place,
            remedy: remedy(json, at: context.codingPath))
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
        let held = shape(of: json)?.at(context.codingPath)?.words ?? "of another kind"
        let subject = subject(context.codingPath)
        return RefluxError(
            .input, found: "\(subject) is \(held)", at: place, wanted: words(for: type))
    case .dataCorrupted(let context):
        return corrupted(context, json: json, at: place)
    @unknown default:
        return RefluxError(.input, found: "this cannot be read (\(error))", at: place)
    }
}

private func subject(_ path: [any CodingKey]) -> String {
    path.isEmpty ? "the value" : "field \"\(dotted(path))\""
}

private func dotted(_ path: [any CodingKey]) -> String {
    path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
}

/// Names the fields that are there, when there are few.
private func remedy(_ json: Data, at path: [any CodingKey]) -> String? {
    guard case .table(let fields)? = shape(of: json)?.at(path), (1...20).contains(fields.count)
    else { return nil }
    return "It has: \(fields.keys.sorted().joined(separator: ", "))."
}

/// The decoder says "not valid JSON" for a text that is no JSON, but also for a number that does
/// not fit its field; a second parser tells the two apart and knows where the first kind went
/// wrong.
private func corrupted(
    _ context: DecodingError.Context, json: Data, at place: SourceLocation
) -> RefluxError {
    do {
        _ = try JSONSerialization.jsonObject(with: json, options: .fragmentsAllowed)
    } catch {
        let detail = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String
        return RefluxError(
            .input, found: "this is not JSON" + (detail.map { " (\(withoutFullStop($0)))" } ?? ""),
            at: place, remedy: "Correct or remove it.")
    }
    if context.codingPath.isEmpty, context.debugDescription.contains("valid JSON") {
        return RefluxError(
            .input, found: "a number does not fit its field", at: place,
            wanted: "whole numbers without a fraction, not too large")
    }
    return RefluxError(
        .input,
        found:
            "\(subject(context.codingPath)) is wrong: \(withoutFullStop(context.debugDescription))",
        at: place)
}

private func withoutFullStop(_ text: String) -> String {
    text.hasSuffix(".") ? String(text.dropLast()) : text
}

private func words(for type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a text"
    case is Bool.Type: "true or false"
    case is any BinaryInteger.Type: "a whole number"
    case is any BinaryFloatingPoint.Type: "a number"
    case is [Any].Type: "a list"
    case is [String: Any].Type: "a table of fields"
    default: String(describing: type).hasPrefix("Array<") ? "a list" : "a \(type)"
    }
}

private func shape(of json: Data) -> JSONShape? {
    try? JSONDecoder().decode(JSONShape.self, from: json)
}

/// What kinds of values a JSON text holds.
private indirect enum JSONShape: Decodable {
    case null, truth, number, text
    case list([JSONShape])
    case table([String: JSONShape])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if (try? value.decode(Bool.self)) != nil {
            self = .truth
        } else if (try? value.decode(Double.self)) != nil {
            self = .number
        } else if (try? value.decode(String.self)) != nil {
            self = .text
        } else if let list = try? value.decode([JSONShape].self) {
            self = .list(list)
        } else {
            self = .table(try value.decode([String: JSONShape].self))
        }
    }

    var words: String {
        switch self {
        case .null: "null"
        case .truth: "true or false"
        case .number: "a number"
        case .text: "a text"
        case .list: "a list"
        case .table: "a table of fields"
        }
    }

    func at(_ path: [any CodingKey]) -> JSONShape? {
        guard let key = path.first else { return self }
        switch self {
        case .list(let elements):
            guard let index = key.intValue, elements.indices.contains(index) else { return nil }
            return elements[index].at(Array(path.dropFirst()))
        case .table(let fields):
            return fields[key.stringValue]?.at(Array(path.dropFirst()))
        default: return nil
        }
    }
}
