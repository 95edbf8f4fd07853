package import Foundation

/// What a server says about a request that it did not answer, read from the body of its reply.
///
/// Bodies come in four shapes: `{"error": {…}}` or `{"error": "…"}`, the same fields without a
/// wrapper, `{"detail": …}`, and plain text. Linear time; no input traps.
package struct ServerFailure: Sendable, Equatable {
    /// The server's message, on one line and not longer than 500 characters; empty where it said
    /// nothing.
    package var message: String
    /// Its `code`, a number or a text; `nil` when there is none.
    package var code: String?
    /// Its `type`.
    package var type: String?
    /// Whether the body was JSON with a field that holds an error.
    package var isStructured: Bool

    /// Reads a body.
    package init(parsing bytes: Data) {
        let document = try? JSONDecoder().decode(FailureDocument.self, from: bytes)
        let body = document?.body
        message = Self.line(body?.message ?? Self.text(of: bytes), limit: 500)
        code = body?.code
        type = body?.type
        isStructured = body != nil
    }

    /// The status that an error inside of a reply stands for; `nil` when its code is no status.
    package var status: Int? {
        code.flatMap(Int.init).flatMap { (400...599).contains($0) ? $0 : nil }
    }

    /// The beginning of a body on one line, for errors.
    package static func excerpt(_ bytes: Data, limit: Int) -> String {
        line(text(of: bytes.prefix(4 * limit)), limit: limit)
    }

    /// The text of a body that is no JSON, as far as it can matter.
    private static func text(of bytes: Data) -> String {
        String(decoding: bytes.prefix(16_384), as: UTF8.self)
    }

    private static func line(_ text: String, limit: Int) -> String {
        var words = ""
        var isSpaced = true
        for scalar in text.unicodeScalars {
            let isBlank =
                scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
            if !isBlank {
                words.unicodeScalars.append(scalar)
            } else if !isSpaced {
                words.unicodeScalars.append(" ")
            }
            isSpaced = isBlank
            if words.utf8.count > 4 * limit { break }
        }
        if words.hasSuffix(" ") { words.removeLast() }
        return words.count > limit ? words.prefix(limit) + "…" : words
    }
}

/// The body of an error, in any of its shapes.
private struct FailureDocument: Decodable {
    let body: Body?

    struct Body {
        var message: String?
        var code: String?
        var type: String?
    }

    enum CodingKeys: CodingKey { case error, detail, message, code, type, object }

    init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        if let inner = try? table.nestedContainer(keyedBy: CodingKeys.self, forKey: .error) {
            body = Self.fields(inner)
        } else if let text = try? table.decode(String.self, forKey: .error) {
            body = Body(message: text)
        } else if let text = try? table.decode(String.self, forKey: .detail) {
            body = Body(message: text)
        } else if let inner = try? table.nestedContainer(keyedBy: CodingKeys.self, forKey: .detail)
        {
            body = Self.fields(inner)
        } else if let list = try? table.decode([Detail].self, forKey: .detail) {
            body = Body(message: list.map(\.text).joined(separator: "; "))
        } else if (try? table.decode(String.self, forKey: .message)) != nil {
            body = Self.fields(table)
        } else {
            body = nil
        }
    }

    private static func fields(_ table: KeyedDecodingContainer<CodingKeys>) -> Body {
        let number = (try? table.decode(Int.self, forKey: .code)).map(String.init)
        return Body(
            message: try? table.decode(String.self, forKey: .message),
            code: number ?? (try? table.decode(String.self, forKey: .code)),
            type: try? table.decode(String.self, forKey: .type))
    }
}

/// One entry of FastAPI's list of faults: where, and what.
private struct Detail: Decodable {
    let text: String

    private struct Part: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                text = String(number)
            } else {
                text = (try? container.decode(String.self)) ?? ""
            }
        }
    }
    enum CodingKeys: CodingKey { case loc, msg }

    init(from decoder: any Decoder) throws {
        let table = try decoder.container(keyedBy: CodingKeys.self)
        let place = (try? table.decode([Part].self, forKey: .loc)) ?? []
        let message = (try? table.decode(String.self, forKey: .msg)) ?? ""
        text = (place.map(\.text).filter { !$0.isEmpty }.joined(separator: ".") + " " + message)
            .trimmingCharacters(in: .whitespaces)
    }
}
