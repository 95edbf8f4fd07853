import Foundation
import RefluxCore

/// The tokens of a `tokenizer.json` with their ids.
///
/// Texts that are canonically equivalent are equal as `String`, and as keys of Foundation's JSON
/// coders, but are different tokens: an Ångström sign and an A with a ring. So the object is read and
/// written here, byte by byte.
struct TokenizerVocabulary: Codable, Sendable {
    /// The tokens in the file's order.
    var entries: [(token: String, id: Int32)] = []

    /// Makes a vocabulary.
    init(_ entries: [(token: String, id: Int32)]) { self.entries = entries }

    /// Foundation reads the rest of the file; ``read(_:path:)`` reads the tokens.
    init(from decoder: any Decoder) throws {}

    /// Foundation writes the rest of the file, with a mark in the place of the tokens.
    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        try value.encode(Self.mark)
    }

    private static let mark = "\u{1}vocab"

    /// The tokens of a `tokenizer.json`, which is known to be JSON.
    ///
    /// - Throws: `RefluxError` of kind `input` when an id is not a number.
    static func read(_ file: Data, path: String) throws -> TokenizerVocabulary {
        var scanner = JSONScanner([UInt8](file))
        guard scanner.enter("model"), scanner.enter("vocab"), scanner.opens() else {
            throw RefluxError(
                .input, found: "no table of tokens",
                at: SourceLocation(path: path, key: "model.vocab"), wanted: "tokens and ids",
                remedy: "Download the file again.")
        }
        var entries: [(token: String, id: Int32)] = []
        while let token = scanner.key() {
            guard let id = scanner.number() else {
                throw RefluxError(
                    .input, found: "the id of token \"\(token)\" is not a whole number",
                    at: SourceLocation(path: path, key: "model.vocab"), wanted: "0 to 16777215",
                    remedy: "Download the file again.")
            }
            entries.append((token, id))
        }
        return TokenizerVocabulary(entries)
    }

    /// The text of a file with the tokens in their place.
    func filled(into text: String) -> String {
        let lines = entries.map { "\(Self.quoted($0.token)):\($0.id)" }
        return text.replacingOccurrences(
            of: Self.quoted(Self.mark), with: "{\(lines.joined(separator: ",\n"))}")
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for character in text.unicodeScalars {
            switch character {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case ..<" ":
                let digits = String(character.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(character)
            }
        }
        return result + "\""
    }
}

/// Walks through JSON that is known to be valid.
private struct JSONScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private mutating func takes(_ byte: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    /// Steps into an object.
    mutating func opens() -> Bool { takes("{") }

    /// Goes to the value of a key of the object that begins here.
    mutating func enter(_ wanted: String) -> Bool {
        guard opens() else { return false }
        while let name = key() {
            if name == wanted { return true }
            skipValue()
        }
        return false
    }

    /// The next key of an object, with its colon; `nil` at the end.
    mutating func key() -> String? {
        _ = takes(",")
        guard let text = string(), takes(":") else { return nil }
        return text
    }

    /// A whole number, or `nil` for anything else.
    mutating func number() -> Int32? {
        skipSpace()
        let start = position
        while let byte = next, byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) {
            position += 1
        }
        guard next != UInt8(ascii: "."), next != UInt8(ascii: "e"), next != UInt8(ascii: "E") else {
            return nil
        }
        return Int32(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func string() -> String? {
        skipSpace()
        let start = position
        guard skipString() else { return nil }
        let inside = bytes[start + 1..<position - 1]
        guard inside.contains(UInt8(ascii: "\\")) else {
            return String(decoding: inside, as: UTF8.self)
        }
        let literal = Data(bytes[start..<position])
        return try? JSONSerialization.jsonObject(with: literal, options: .fragmentsAllowed)
            as? String
    }

    private mutating func skipString() -> Bool {
        guard next == UInt8(ascii: "\"") else { return false }
        position += 1
        while let byte = next {
            position += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "\"") { return position <= bytes.count }
        }
        return false
    }

    /// Goes behind the value that begins here.
    private mutating func skipValue() {
        var depth = 0
        skipSpace()
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""): if !skipString() { return }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return }
                depth -= 1
                position += 1
            case UInt8(ascii: ",") where depth == 0: return
            default: position += 1
            }
            if depth == 0, byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") { return }
        }
    }
}
