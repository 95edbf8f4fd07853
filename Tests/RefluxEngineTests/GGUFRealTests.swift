import Foundation
import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxEngine

/// Real GGUF files, where `Examples/fetch_models.py --gguf` has kept them, against `gguf` and
/// `transformers` 5.23.0 (Tests/Scripts/make_gguf_fixtures.py).
struct GGUFRealTests {
    struct Expected: Decodable {
        struct Model: Decodable {
            var prompt: [Int32]
            var tokens: [Int32]
            var logProbabilities: [Float]
            var tensors: [String: String]

            enum CodingKeys: String, CodingKey {
                case prompt, tokens, tensors
                case logProbabilities = "log_probs"
            }
        }

        var question: String
        var models: [String: Model]
    }

    static let models = ["smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct"]
        .filter { Files.exists("\(RealFiles.models)/\($0).gguf") && RealFiles.hasModel($0) }

    private func expected(_ name: String) throws -> (String, Expected.Model) {
        let all = try Fixture.read(Expected.self, "gguf_real.json")
        return (all.question, try #require(all.models[name]))
    }

    @Test(.enabled(if: !models.isEmpty, "optional: real models"), arguments: models)
    func tensorsAreThoseOfGguf(_ name: String) throws {
        let file = try GGUFFile(Files.expand("\(RealFiles.models)/\(name).gguf"))
        let wanted = try expected(name).1.tensors
        #expect(wanted.count >= 3)
        for (tensor, hash) in wanted {
            let bytes = try file.read(tensor).withUnsafeBufferPointer { Data(buffer: $0) }
            #expect(Files.sha256(of: bytes) == hash, "\(tensor)")
        }
    }

    @Test(.enabled(if: !models.isEmpty, "optional: real models"), arguments: models)
    func idsAreThoseOfTheConvertedFolder(_ name: String) throws {
        let path = "\(RealFiles.models)/\(name)"
        let file = try GGUFTokenizer(GGUFFile(Files.expand(path + ".gguf")))
        let own = try BytePairTokenizer(file.file, path: path)
        let folder = try BytePairTokenizer(
            try TokenizerFile.read("\(path)/tokenizer.json"), path: path)
        let lines = try TokenizerLines.read()
        for line in lines.all + lines.generated(2000) {
            #expect(
                own.encode(line, parseSpecial: true) == folder.encode(line, parseSpecial: true))
        }
    }

    @Test(.enabled(if: !models.isEmpty, "optional: real models"), arguments: models)
    func greedyTextIsThatOfTransformers(_ name: String) async throws {
        let (question, wanted) = try expected(name)
        let engine = try await NativeEngineProvider().open(
            Files.expand("\(RealFiles.models)/\(name).gguf"),
            options: ModelOptions(precision: .float32))
        let prompt = try engine.tokenizer.encode(.chat([ChatMessage(.user, question)]))
        #expect(prompt == wanted.prompt)
        let request = SampleRequest(
            id: "0", prompt: prompt, settings: .greedy(maxTokens: 40),
            key: RandomKey(seed: 1, stage: .sample))
        let response = try #require(try await engine.sample([request]).first?.first)
        #expect(response.tokens == wanted.tokens)
        for (own, other) in zip(response.logProbabilities, wanted.logProbabilities) {
            #expect(abs(own - other) <= 1e-3 + 1e-3 * abs(other))
        }
    }
}
