public import Foundation
import RefluxCore

/// Files with one JSON value a line. Names that end in `.gz` are inflated on the way.
///
/// Lines end with a line feed (a carriage return before it does not matter); blank lines are
/// skipped but counted. A byte order mark at the start is dropped. Linear time, and memory for one
/// chunk and one line.
public enum JSONLines {
    /// Decodes each line.
    ///
    /// - Throws: `RefluxError` of kind `input` naming file and line: not JSON, a field is missing
    ///   or of the wrong kind; naming the file when it is missing, unreadable or a damaged gzip.
    public static func read<T: Decodable>(_ type: T.Type, from path: String) throws -> [T] {
        var values: [T] = []
        let decoder = JSONText.decoder()
        try forEach(in: path) { line, number in
            values.append(
                try decode(type, line, decoder, at: SourceLocation(path: path, line: number)))
        }
        return values
    }

    /// Hands each line's bytes with its number, from 1, to a closure; the last line may lack its
    /// line feed.
    ///
    /// - Throws: what the closure throws; `RefluxError` naming the file when it cannot be read.
    public static func forEach(
        in path: String, _ body: (_ line: Data, _ number: Int) throws -> Void
    ) throws {
        let splitter = try split(path) { line, number in
            if !isBlank(line) { try body(line, number) }
        }
        let rest = splitter.number == 0 ? withoutMark(splitter.rest) : splitter.rest
        if !isBlank(rest) { try body(rest, splitter.number + 1) }
    }

    /// Decodes the whole lines of a file that a killed process may have left with a cut last line.
    /// A file that does not exist has no lines.
    ///
    /// - Parameters:
    ///   - type: what each line holds.
    ///   - path: the file; not gzip.
    ///   - repair: cut the file to its whole lines, so that appending goes on behind them.
    /// - Returns: the values of the whole lines.
    /// - Throws: `RefluxError` naming file and line for a line that is whole but wrong.
    public static func readWhole<T: Decodable>(
        _ type: T.Type, from path: String, repair: Bool
    ) throws -> [T] {
        guard Files.exists(path) else { return [] }
        var values: [T] = []
        let decoder = JSONText.decoder()
        let splitter = try split(path) { line, number in
            guard !isBlank(line) else { return }
            values.append(
                try decode(type, line, decoder, at: SourceLocation(path: path, line: number)))
        }
        if repair, !splitter.rest.isEmpty {
            let file = try OpenFile(Files.expand(path), .update)
            try file.truncate(to: splitter.wholeBytes)
            try file.synchronize()
        }
        return values
    }

    /// Writes one line a value, atomically: the old file or the new one, never a part.
    ///
    /// - Throws: `RefluxError` of kind `system` when the disk is full or the folder not writable.
    public static func write<T: Encodable>(_ values: [T], to path: String) throws {
        try Files.writeAtomically(lines(values), to: path)
    }

    /// One line a value, as they would stand in a file.
    ///
    /// - Throws: `RefluxError` of kind `internalFault` when a value cannot be written.
    public static func data<T: Encodable>(_ values: [T]) throws -> Data { try lines(values) }

    static func lines<T: Encodable>(_ values: [T]) throws -> Data {
        let encoder = JSONText.encoder(pretty: false)
        var data = Data()
        for value in values {
            data.append(try JSONText.encode(value, by: encoder))
            data.append(0x0A)
        }
        return data
    }

    private static func split(
        _ path: String, _ body: (_ line: Data, _ number: Int) throws -> Void
    ) throws -> LineSplitter {
        var splitter = LineSplitter()
        let unmarked = { (line: Data, number: Int) throws in
            try body(number == 1 ? withoutMark(line) : line, number)
        }
        if path.hasSuffix(".gz") {
            var source = try InflatedBytes(Files.expand(path))
            while let chunk = try source.next() { try splitter.split(chunk, unmarked) }
        } else {
            var source = try FileBytes(Files.expand(path))
            while let chunk = try source.next() { try splitter.split(chunk, unmarked) }
        }
        return splitter
    }

    private static func withoutMark(_ line: Data) -> Data {
        line.starts(with: [0xEF, 0xBB, 0xBF]) ? Data(line.dropFirst(3)) : line
    }

    private static func decode<T: Decodable>(
        _ type: T.Type, _ line: Data, _ decoder: JSONDecoder, at place: SourceLocation
    ) throws -> T {
        do {
            return try decoder.decode(type, from: line)
        } catch let error as DecodingError {
            throw inWords(error, json: line, at: place)
        }
    }
}
