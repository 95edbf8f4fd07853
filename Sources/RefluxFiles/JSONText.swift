public import Foundation
import RefluxCore

/// How Reflux writes JSON: sorted keys, slashes as they are, numbers that are not finite as the
/// texts `NaN`, `Infinity` and `-Infinity` (JSON has no such numbers), read back in the same way.
public enum JSONText {
    /// The JSON text of a value.
    ///
    /// - Parameters:
    ///   - value: what to write.
    ///   - pretty: with line breaks and indentation; otherwise one line.
    /// - Returns: the text, without a line feed at its end.
    /// - Throws: `RefluxError` of kind `internalFault` when the value cannot be written.
    public static func encode<T: Encodable>(_ value: T, pretty: Bool) throws -> String {
        String(decoding: try encode(value, by: encoder(pretty: pretty)), as: UTF8.self)
    }

    /// Decodes a value from JSON bytes.
    ///
    /// - Parameters:
    ///   - type: what the bytes hold.
    ///   - data: the bytes.
    ///   - path: the file they come from, for errors.
    ///   - line: the line of that file, from 1, for errors.
    /// - Returns: the value.
    /// - Throws: `RefluxError` of kind `input`: not JSON, a field is missing or of the wrong kind.
    public static func decode<T: Decodable>(
        _ type: T.Type, from data: Data, path: String, line: Int? = nil
    ) throws -> T {
        do {
            return try decoder().decode(type, from: data)
        } catch let error as DecodingError {
            throw inWords(error, json: data, at: SourceLocation(path: path, line: line))
        }
    }

    static func encoder(pretty: Bool) -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return encoder
    }

    static func decoder() -> JSONDecoder {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return decoder
    }

    static func encode<T: Encodable>(_ value: T, by encoder: JSONEncoder) throws -> Data {
        do {
            return try encoder.encode(value)
        } catch let error as EncodingError {
            throw RefluxError(.internalFault, found: "a \(T.self) cannot be written: \(error)")
        }
    }
}
