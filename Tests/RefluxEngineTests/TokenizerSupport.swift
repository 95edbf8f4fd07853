import Foundation
import RefluxFiles

@testable import RefluxEngine

/// Reads the fixtures beside the tests; Tests/Scripts makes them.
enum Fixture {
    static func path(_ name: String) -> String {
        (Bundle.module.resourcePath ?? ".") + "/Fixtures/" + name
    }

    static func read<T: Decodable>(_ type: T.Type, _ name: String) throws -> T {
        try JSONText.decode(type, from: Files.read(path(name)), path: path(name))
    }

    /// A tokenizer fixture by its kind, for instance `gpt2`.
    static func tokenizer(_ kind: String) throws -> BytePairTokenizer {
        let file = path("tokenizer_\(kind).json")
        return try BytePairTokenizer(try TokenizerFile.read(file), path: file)
    }
}

/// The lines that every tokenizer is tried on.
struct TokenizerLines: Decodable {
    var sentences: [String]
    var edges: [String]

    var all: [String] { sentences + edges }

    static func read() throws -> TokenizerLines {
        try Fixture.read(TokenizerLines.self, "tokenizer_lines.json")
    }

    /// `count` lines of words of all scripts; Tests/Scripts/tokenizer_lines.py draws the same.
    func generated(_ count: Int) -> [String] {
        let words = sentences.flatMap { line in
            line.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
        }
        let separators = [" ", " ", " ", "  ", "\n", "", " 7", ", ", "\t", " \n", "'s ", "! "]
        var state: UInt64 = 1
        func draw(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(limit))
        }
        return (0..<count).map { _ in
            var line = ""
            for _ in 0..<1 + draw(24) {
                line += words[draw(words.count)]
                line += separators[draw(separators.count)]
            }
            return line
        }
    }
}

/// Real models and data, which not every machine has.
enum RealFiles {
    /// The folder that Examples/fetch_models.py wrote: `REFLUX_MODELS`, or the
    /// folder that the README names.
    static let models =
        ProcessInfo.processInfo.environment["REFLUX_MODELS"] ?? "~/.cache/reflux-models"

    /// `../shared/data`, beside the package.
    static let data = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("shared/data").path

    static func hasModel(_ name: String) -> Bool {
        Files.exists("\(models)/\(name)/tokenizer.json")
    }
}
