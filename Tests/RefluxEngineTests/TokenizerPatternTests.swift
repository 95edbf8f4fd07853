import RefluxCore
import Testing

@testable import RefluxEngine

struct TokenizerPatternTests {
    private func matches(_ pattern: String, _ text: String) throws -> [String] {
        let bytes = Array(text.utf8)
        return try CompiledPattern(pattern, at: SourceLocation(path: "t")).matches(in: bytes[...])
            .map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    @Test func spacesAreThoseOfUnicodeAndNoOthers() throws {
        #expect(try matches(#"\s+"#, "a\u{3000}\u{85}b\u{180E}c d") == ["\u{3000}\u{85}", " "])
        #expect(try matches(#"[^\s]+"#, "a\u{180E}b\u{A0}c") == ["a\u{180E}b", "c"])
        #expect(try matches(#"\S+"#, "a\u{180E}b\u{A0}c") == ["a\u{180E}b", "c"])
    }

    @Test func emptyMatchesAreSkipped() throws {
        #expect(try matches("x*", "éxxé") == ["xx"])
    }

    @Test func looksOnlyAtItsPart() throws {
        let bytes = Array("a  b".utf8)
        let pattern = try CompiledPattern(#"\s+(?!\S)"#, at: SourceLocation(path: "t"))
        #expect(pattern.matches(in: bytes[0..<3]) == [1..<3])
        #expect(pattern.matches(in: bytes[...]) == [1..<2])
    }

    @Test func aLongTextDoesNotExhaustTheStack() throws {
        let text = String(repeating: " ", count: 300_000) + "x"
        #expect(try matches(PreTokenizer.gpt2Pattern, text).count == 2)
    }

    @Test func aWrongPatternIsNamed() {
        #expect {
            try matches("(a", "a")
        } throws: { error in
            "\(error)" == "t: the pattern \"(a\" is wrong: missing closing parenthesis; wanted a "
                + "regular expression. Check the file."
        }
    }
}
