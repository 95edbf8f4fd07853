import Foundation
import RefluxFiles
import Testing

@testable import RefluxEngine

/// Ids against those of Hugging Face's `tokenizers` 0.23.3 (Tests/Scripts/make_tokenizer_fixtures.py).
struct TokenizerParityTests {
    struct Expected: Decodable {
        struct Kind: Decodable {
            var ids: [[Int32]]
            var begin: [Int32]
            var withoutSpecial: [[Int32]]
            var texts: [String]

            enum CodingKeys: String, CodingKey {
                case ids, begin, texts
                case withoutSpecial = "without_special"
            }
        }

        var odd: [String]
        var tokenizers: [String: Kind]
    }

    static let kinds = [
        "gpt2", "digits", "digit_groups", "qwen2", "llama3", "removed", "previous", "next",
        "contiguous", "llama2", "metaspace", "metaspace_split", "metaspace_never",
    ]

    @Test(arguments: kinds)
    func idsAreThoseOfTheLibrary(_ kind: String) throws {
        let expected = try Fixture.read(Expected.self, "tokenizer_ids.json")
        let known = try #require(expected.tokenizers[kind])
        let tokenizer = try Fixture.tokenizer(kind)
        #expect(tokenizer.beginning == known.begin)
        for (index, line) in (try TokenizerLines.read().all + expected.odd).enumerated() {
            #expect(
                tokenizer.encode(line, parseSpecial: true) == known.ids[index], "\(index): \(line)")
            #expect(
                tokenizer.encode(line, parseSpecial: false) == known.withoutSpecial[index],
                "\(index): \(line)")
        }
    }

    @Test(arguments: kinds)
    func textsAreThoseOfTheLibrary(_ kind: String) throws {
        let expected = try Fixture.read(Expected.self, "tokenizer_ids.json")
        let known = try #require(expected.tokenizers[kind])
        let tokenizer = try Fixture.tokenizer(kind)
        for (ids, text) in zip(known.ids, known.texts) {
            let decoded = tokenizer.decode(ids, skipSpecial: true)
            #expect(Array(decoded.utf8) == Array(text.utf8), "\(text)")
        }
    }

    struct Real: Decodable {
        var folder: String
        var ids: [[Int32]]
        var corpusLines: Int
        var corpusSHA256: String

        enum CodingKeys: String, CodingKey {
            case folder, ids
            case corpusLines = "corpus_lines"
            case corpusSHA256 = "corpus_sha256"
        }
    }

    @Test(
        .enabled(if: RealFiles.hasModel("smollm2-135m-instruct"), "optional: real models"),
        arguments: ["smollm2", "qwen2.5"])
    func realTokenizersGiveTheSameIds(_ name: String) throws {
        let real = try #require(try Fixture.read([String: Real].self, "tokenizer_real.json")[name])
        guard RealFiles.hasModel(real.folder) else { return }
        let path = "\(RealFiles.models)/\(real.folder)/tokenizer.json"
        let tokenizer = try BytePairTokenizer(try TokenizerFile.read(path), path: path)
        for (line, ids) in zip(try TokenizerLines.read().all, real.ids) {
            #expect(tokenizer.encode(line, parseSpecial: true) == ids, "\(line)")
        }
    }

    struct Row: Decodable {
        var question: String
    }

    @Test(
        .enabled(
            if: RealFiles.hasModel("smollm2-135m-instruct")
                && Files.exists("\(RealFiles.data)/gsm8k/train.jsonl"),
            "optional: real models and data"),
        arguments: ["smollm2", "qwen2.5"])
    func thirteenThousandLinesOfManyScriptsGiveTheSameIds(_ name: String) throws {
        let real = try #require(try Fixture.read([String: Real].self, "tokenizer_real.json")[name])
        guard RealFiles.hasModel(real.folder) else { return }
        let path = "\(RealFiles.models)/\(real.folder)/tokenizer.json"
        let tokenizer = try BytePairTokenizer(try TokenizerFile.read(path), path: path)
        let rows = try JSONLines.read(Row.self, from: "\(RealFiles.data)/gsm8k/train.jsonl")
        let lines = try TokenizerLines.read().generated(6000) + rows.map(\.question)
        #expect(lines.count == real.corpusLines)
        var bytes = Data()
        for line in lines {
            let ids = tokenizer.encode(line, parseSpecial: true) + [-1]
            ids.withUnsafeBufferPointer { bytes.append(Data(buffer: $0)) }
        }
        #expect(Files.sha256(of: bytes) == real.corpusSHA256)
    }
}
