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
            "model.type: a tokenizer of type \"Unigram\"; wanted BPE on bytes." + fit
        ),
        (
            "model.byte_fallback", "true",
            "model.byte_fallback: BPE with byte fallback (SentencePiece); wanted byte-level BPE."
                + fit
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
            "pre_tokenizer", #"{"type":"Metaspace"}"#,
            "pre_tokenizer: the pre-tokenizer \"Metaspace\"; wanted Sequence, Split, Digits or "
                + "ByteLevel." + fit
        ),
        (
            "pre_tokenizer", "null",
            "pre_tokenizer: a pre-tokenizer without ByteLevel; wanted a byte-level tokenizer." + fit
        ),
        (
            "normalizer", #"{"type":"Lowercase"}"#,
            "normalizer: the normalizer \"Lowercase\"; wanted none or NFC." + fit
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
