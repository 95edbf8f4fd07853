import RefluxCore
import Testing

@testable import RefluxEngine

struct TokenizerTrainerTests {
    struct Learnt: Decodable {
        struct Model: Decodable {
            var vocab: [String: Int]
            var merges: [[String]]
        }
        var model: Model
    }

    private func train(_ corpus: [String], size: Int) throws -> BytePairTrainer.Vocabulary {
        try BytePairTrainer.train(
            corpus, size: size, specialTokens: ["<|endoftext|>"], preTokenizer: .gpt2())
    }

    /// `tokenizer_gpt2.json` was learnt by `tokenizers` from the same sentences.
    @Test func learnsWhatTheLibraryLearns() throws {
        let library = try Fixture.read(Learnt.self, "tokenizer_gpt2.json").model
        let own = try train(try TokenizerLines.read().sentences, size: 600)
        #expect(own.merges == library.merges)
        #expect(own.tokens.count == library.vocab.count)
        for (id, token) in own.tokens.enumerated() { #expect(library.vocab[token] == id) }
    }

    @Test func aNumberWithItsSpaceBecomesOneToken() throws {
        let corpus = (0..<20).map { _ in "add 37 and 37 gives 74" }
        let own = try train(corpus, size: 300)
        #expect(own.tokens.contains("Ġ37"))
    }

    @Test func repeatedTokensAreMergedFromTheLeft() throws {
        let own = try train(["aaaaa aaaaa aaaaa"], size: 259)
        #expect(own.merges == [["a", "a"], ["aa", "a"]])
    }

    @Test func stopsWhenNothingIsLeftToMerge() throws {
        #expect(try train(["ab"], size: 1000).tokens.count == 258)
    }

    @Test func theOrderOfTheCorpusDoesNotMatter() throws {
        let lines = try TokenizerLines.read().sentences
        #expect(try train(lines, size: 400) == train(lines.reversed(), size: 400))
    }

    @Test func refusesAVocabularyWithoutRoomForBytes() {
        #expect {
            try train(["a"], size: 256)
        } throws: { error in
            "\(error)" == "a vocabulary of 256 tokens; wanted 257 to 1048576. "
                + "The bytes alone take 256."
        }
    }
}
