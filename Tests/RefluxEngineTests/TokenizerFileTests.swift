import Foundation
import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxEngine

struct TokenizerFileTests {
    private static let fit = " Choose a model with a byte-level BPE tokenizer."

    /// What is set in a good file, and the error that must follow.
    private static let wrong: [(String, String, String)] = [
        (
            "model.type", "\"Unigram\"",
            "model.type: a tokenizer of type \"Unigram\"; wanted BPE. Choose a model with a BPE "
                + "tokenizer."
        ),
        (
            "model.byte_fallback", "true",
            "model.byte_fallback: byte fallback after ByteLevel; wanted one of the two." + fit
        ),
        ("model.dropout", "0.1", "model.dropout: a dropout; wanted none." + fit),
        (
            "model.end_of_word_suffix", "\"</w>\"",
            "model.end_of_word_suffix: a suffix; wanted none." + fit
        ),
        (
            "model.merges", #"[["x","nothere"]]"#,
            "model.merges: merge 0 (\"x\" and \"nothere\"); wanted tokens that are in the "
                + "vocabulary, like their join. The file is damaged; download it again."
        ),
        (
            "model.merges", #"["a b c"]"#,
            "field \"model.merges\" is wrong: merge 0 has 3 parts, not 2."
        ),
        (
            "added_tokens",
            #"[{"id":-1,"content":"x","single_word":false,"lstrip":false,"rstrip":false,"#
                + #""normalized":false,"special":true}]"#,
            "model.vocab: ids out of bounds; wanted ids from 0 to 16777215. "
                + "Download the file again."
        ),
        (
            "pre_tokenizer", #"{"type":"Whitespace"}"#,
            "pre_tokenizer: the pre-tokenizer \"Whitespace\"; wanted Sequence, Split, Digits, "
                + "Metaspace or ByteLevel." + fit
        ),
        (
            "pre_tokenizer", "null",
            "model.byte_fallback: BPE on characters without byte fallback; wanted the pre-tokenizer "
                + "ByteLevel, or byte_fallback." + fit
        ),
        (
            "normalizer", #"{"type":"Lowercase"}"#,
            "normalizer: the normalizer \"Lowercase\"; wanted none, NFC, Prepend or "
                + "Replace." + fit
        ),
        (
            "decoder", #"{"type":"WordPiece"}"#,
            "decoder: the decoder WordPiece; wanted ByteLevel." + fit
        ),
        (
            "post_processor", #"{"type":"BertProcessing"}"#,
            "post_processor: the post-processor \"BertProcessing\"; wanted ByteLevel or "
                + "TemplateProcessing." + fit
        ),
    ]

    @Test(arguments: wrong)
    func whatIsNotSupportedIsNamed(_ key: String, _ json: String, _ error: String) async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/tokenizer.json"
            var fields = try #require(
                try JSONSerialization.jsonObject(
                    with: Files.read(Fixture.path("tokenizer_gpt2.json"))) as? [String: Any])
            let value = try JSONSerialization.jsonObject(
                with: Data(json.utf8), options: .fragmentsAllowed)
            if key.hasPrefix("model."), var model = fields["model"] as? [String: Any] {
                model[String(key.dropFirst(6))] = value
                fields["model"] = model
            } else {
                fields[key] = value
            }
            try Files.writeAtomically(JSONSerialization.data(withJSONObject: fields), to: path)
            let text = message(in: folder) {
                _ = try BytePairTokenizer(try TokenizerFile.read(path), path: path)
            }
            #expect(text == "F/tokenizer.json: \(error)")
        }
    }

    /// An Ångström sign and an A with a ring are equal texts for Unicode, and two tokens.
    @Test func tokensThatLookAlikeAreToldApart() async throws {
        try await withTemporaryFolder { folder in
            let text = try Files.readText(Fixture.path("tokenizer_metaspace_never.json"))
                .replacingOccurrences(
                    of: #""vocab":{"#, with: #""vocab":{"\u212b":900,"\u00c5":901,"A\u030a":902,"#)
            try write(text, to: "\(folder)/tokenizer.json")
            let file = try TokenizerFile.read("\(folder)/tokenizer.json")
            try Files.makeFolder("\(folder)/copy")
            try file.write(to: "\(folder)/copy")
            for path in ["\(folder)/tokenizer.json", "\(folder)/copy/tokenizer.json"] {
                let tokenizer = try BytePairTokenizer(try TokenizerFile.read(path), path: path)
                #expect(tokenizer.encode("\u{212B}", parseSpecial: false) == [900])
                #expect(tokenizer.encode("\u{C5}", parseSpecial: false) == [901])
                #expect(tokenizer.encode("A\u{30A}", parseSpecial: false) == [902])
                #expect(
                    Array(tokenizer.decode([900, 901], skipSpecial: false).utf8)
                        == Array("\u{212B}\u{C5}".utf8))
            }
        }
    }

    @Test(arguments: ["1.5", "\"x\"", "null", "99999999999"])
    func anIDThatIsNoNumberIsNamed(_ id: String) async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/tokenizer.json"
            let text = try Files.readText(Fixture.path("tokenizer_gpt2.json"))
                .replacingOccurrences(of: #""vocab":{"#, with: #""vocab":{"x\"y":\#(id),"#)
            try write(text, to: path)
            #expect(
                message(in: folder) { _ = try TokenizerFile.read(path) }
                    == "F/tokenizer.json: model.vocab: the id of token \"x\"y\" is not a whole "
                    + "number; wanted 0 to 16777215. Download the file again.")
        }
    }

    @Test func idsFromElsewhereAreNoReasonToTrap() throws {
        let tokenizer = try Fixture.tokenizer("gpt2")
        #expect(tokenizer.decode([-5, 1_000_000, .max], skipSpecial: false).isEmpty)
    }

    @Test func bytesThatAreNoTextBecomeReplacementCharacters() throws {
        let tokenizer = try Fixture.tokenizer("gpt2")
        let ids = tokenizer.encode("日", parseSpecial: false)
        #expect(tokenizer.decode(Array(ids.dropLast()), skipSpecial: false) == "\u{FFFD}")
    }

    @Test func manyThreadsGetTheSameIds() async throws {
        let tokenizer = try Fixture.tokenizer("qwen2")
        let lines = try TokenizerLines.read().generated(60)
        let alone = lines.map { tokenizer.encode($0, parseSpecial: false) }
        let together = await withTaskGroup(of: [[Int32]].self) { group in
            for _ in 0..<4 {
                group.addTask { lines.map { tokenizer.encode($0, parseSpecial: false) } }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(together.allSatisfy { $0 == alone })
    }
}

struct FixtureTests {
    @Test func fixturesAreTheOnesThatWerePinned() throws {
        let lines = try Files.readText(Fixture.path("SHA256SUMS")).split(separator: "\n")
        #expect(lines.count > 10)
        for line in lines {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            let name = parts[1].trimmingCharacters(in: .whitespaces)
            #expect(try Files.sha256(ofFile: Fixture.path(name)) == parts[0], "\(name)")
        }
    }
}
