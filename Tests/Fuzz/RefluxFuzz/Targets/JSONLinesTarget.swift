import Foundation
import RefluxCore
import RefluxFiles
import RefluxTeachers

extension FuzzTargets {
    /// The reader of JSON lines, plain and gzip, and what decodes responses from them.
    ///
    /// Beyond not trapping: lines are those between line feeds, blank ones left out; an append after
    /// a repair starts on a new line; every error is a `RefluxError` that names the file; what is
    /// decoded, written and decoded again has the same text.
    @Sendable package static func jsonLines(data: String?) throws -> FuzzTarget {
        let files = try ScratchFiles()
        return FuzzTarget(
            name: "jsonl",
            seeds: try lines.map { Array($0.utf8) } + [gzipSeed] + recorded(in: data),
            words: words,
            timed: [
                ("lines", { try files.put($0, "lines.jsonl") { try $0.count() } }),
                ("responses", { try files.put($0, "lines.jsonl") { $0.responses() } }),
                ("recorded", { try files.put($0, "lines.jsonl") { $0.recorded() } }),
            ],
            shapes: shapes
        ) { input in
            let isGzip = input.starts(with: [0x1F, 0x8B])
            try files.put(input, isGzip ? "lines.jsonl.gz" : "lines.jsonl") { file in
                if !isGzip { try file.checkLines(of: input) }
                try file.checkErrors()
                if !isGzip { try file.checkRepair(of: input) }
            }
        }
    }

    private static var gzipSeed: [UInt8] {
        // `gzip -9n` of two lines, one in the field names of published outputs and one in ours.
        let text =
            "H4sIAAAAAAACA6tWKixNLS7JzM+Lz0xRslIwN9BRUMrNT0nNAXKUcpWAvKLU4oL8vOJUkEBIRqpCYl5xeWqRQmaxgoaL"
            + "pp5SLVe1UkFRfm5BiZKVUoWSjlJJagWIqQwECqZAaQASeh45YwAAAA=="
        return Data(base64Encoded: text).map(Array.init) ?? []
    }

    /// Some lines of the real responses.
    private static func recorded(in data: String?) throws -> [[UInt8]] {
        guard let data else { return [] }
        let path = "\(data)/gsm8k/model_solutions_A.jsonl.gz"
        guard Files.exists(path) else { return [] }
        var lines: [[UInt8]] = []
        try JSONLines.forEach(in: path) { line, number in
            if number % 20 == 0 { lines.append(Array(line) + [0x0A]) }
        }
        return lines
    }
}

/// The files of one process, in memory where the system has a folder for that.
private final class ScratchFiles {
    private let folder: String

    init() throws {
        let root = Files.isFolder("/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
        folder = "\(root)/reflux-fuzz-\(ProcessInfo.processInfo.processIdentifier)-\(UUID())"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func put(_ input: [UInt8], _ name: String, _ body: (LinesFile) throws -> Void) throws {
        let path = "\(folder)/\(name)"
        try Data(input).write(to: URL(fileURLWithPath: path))
        try body(LinesFile(path: path))
    }
}

/// A file that may hold anything, and what must be true of reading it.
private struct LinesFile {
    let path: String

    @discardableResult
    func count() throws -> Int {
        var count = 0
        try JSONLines.forEach(in: path) { _, _ in count += 1 }
        return count
    }

    func responses() { _ = try? JSONLines.read(LabelledResponse.self, from: path) }

    func recorded() { try? forEachRecorded { _ in } }

    func checkLines(of input: [UInt8]) throws {
        var wanted: [(line: [UInt8], number: Int)] = []
        let lines = input.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let start = index == 0 && line.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
            let line = Array(line.dropFirst(start))
            if !line.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) {
                wanted.append((line, index + 1))
            }
        }
        var found: [(line: [UInt8], number: Int)] = []
        try JSONLines.forEach(in: path) { found.append((Array($0), $1)) }
        guard found.elementsEqual(wanted, by: ==) else {
            throw FuzzFinding(
                "\(found.count) lines (\(found.map(\.number))), wanted \(wanted.map(\.number))")
        }
    }

    func checkErrors() throws {
        try refusing { _ = try JSONLines.forEach(in: path) { _, _ in } }
        try refusing { try checkRoundTrip(try JSONLines.read(Response.self, from: path)) }
        try refusing { try checkRoundTrip(try JSONLines.read(LabelledResponse.self, from: path)) }
        try refusing { try forEachRecorded { _ in } }
    }

    func checkRepair(of input: [UInt8]) throws {
        let whole = input.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let isRead: Void? = try refusing {
            _ = try JSONLines.readWhole(Response.self, from: path, repair: true)
        }
        guard isRead != nil else { return }
        let left = try Files.read(path).count
        guard left == whole else {
            throw FuzzFinding("after the repair \(left) bytes, whole lines are \(whole)")
        }
    }

    private func forEachRecorded(_ body: (RecordedLine) -> Void) throws {
        let settings = RecordedSettings(path: path)
        let decoder = JSONDecoder()
        try JSONLines.forEach(in: path) { line, number in
            body(
                try RecordedLine(
                    line, at: SourceLocation(path: path, line: number), settings: settings,
                    decoder: decoder))
        }
    }

    private func checkRoundTrip<T: Codable>(_ values: [T]) throws {
        for value in values {
            let text = try JSONText.encode(value, pretty: false)
            let again = try JSONText.decode(T.self, from: Data(text.utf8), path: path)
            let twice = try JSONText.encode(again, pretty: false)
            guard text == twice else { throw FuzzFinding("\(text) comes back as \(twice)") }
        }
    }

    /// Runs what may refuse its input in words; `nil` when it did.
    @discardableResult
    private func refusing<Result>(_ body: () throws -> Result) throws -> Result? {
        do {
            return try body()
        } catch let error as RefluxError {
            guard error.location?.path == path, !error.found.isEmpty else {
                throw FuzzFinding("an error without its file: \(error)")
            }
            return nil
        } catch let finding as FuzzFinding {
            throw finding
        } catch {
            throw FuzzFinding("a \(type(of: error)) reached the caller: \(error)")
        }
    }
}

private let lines = [
    #"{"question_id": 70, "model": "gemma-7b", "response": "… The answer is (D)."}"# + "\n",
    #"{"finish":"stop","model":"m","prompt":"gsm8k/train/17","role":"teacher","sample":0,"#
        + #""seed":17,"source":"t","temperature":0.6,"text":"6 * 3\n#### 18","tokens":12,"#
        + #""mean_logprob":-0.25}"# + "\n",
    #"{"answer":"18","correct":true,"label":"18","prompt_index":3,"response":{"finish":"length","#
        + #""model":"m","prompt":"p","role":"student","sample":1,"source":"s","text":""},"#
        + #""reward":1}"# + "\n",
    "{\"prompt\": 1e3, \"text\": \"\\u00e9\\ud83d\\ude00\\n\", \"sample\": 2}\r\n\n  \n"
        + "{\"prompt\":\"x\",\"text\":\"y\",\"temperature\":\"NaN\"}",
    "\u{FEFF}{\"prompt\":\"a\",\"text\":\"b\"}\n[1,2,{\"a\":[null,true,false,-0.0,1E+400]}]\nnull\n",
]

private let words = [
    "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u", "\\ud83d", "\\u0000", "\\\"", "null", "true",
    "false", "NaN", "Infinity", "-Infinity", "-0", "1e999", "1e-999", "0.1", "9223372036854775808",
    "-9223372036854775809", "18446744073709551616", "\"prompt\"", "\"text\"", "\"response\"",
    "\"sample\"", "\"seed\"", "\"tokens\"", "\"temperature\"", "\"role\"", "\"teacher\"",
    "\"stop\"",
    "\"finish\"", "\"reward\"", "\"prompt_index\"", "\"model\"", "\n", "\r\n", "{}", "[[",
    "{\"a\":",
    "// c\n", "\u{1F}",
]

private let shapes: [FuzzShape] =
    [
        "1", "\"", "\\", "[", "{\"a\":", "{}\n", "\n", "[1]\n", " ", "é", "\u{0}", "\\u0041", "-",
        "1e", "{", "\"a\",", "x\n", "null\n",
    ].map { FuzzShape(repeating: $0) } + [
        FuzzShape(repeating: "a", from: #"{"prompt":"p","text":""#, to: "\"}\n"),
        FuzzShape(repeating: #"\n"#, from: #"{"prompt":"p","text":""#, to: "\"}\n"),
        FuzzShape(repeating: #"\ud83d\ude00"#, from: #"{"prompt":"p","text":""#, to: "\"}\n"),
        FuzzShape(repeating: "1", from: #"{"prompt":"p","text":"t","sample":"#, to: "}\n"),
        FuzzShape(repeating: "[", from: #"{"prompt":"p","text":"t","x":"#, to: "}\n"),
        FuzzShape(repeating: "1,", from: #"{"prompt":"p","text":"t","x":["#, to: "1]}\n"),
        FuzzShape(repeating: #"{"prompt":"p","text":"t"}"# + "\n"),
        FuzzShape(repeating: " ", from: #"{"prompt":"p","#, to: #""text":"t"}"# + "\n"),
        FuzzShape("many fields") { bytes in
            let fields = (0..<max(1, bytes / 16)).map { "\"field\($0)\":\($0)" }
            return Array("{\(fields.joined(separator: ","))}\n".utf8)
        },
        FuzzShape("one long name") { bytes in
            Array("{\"\(String(repeating: "promp", count: max(1, bytes / 5)))\":1}\n".utf8)
        },
    ]
