import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxEngine

struct ModelSummaryTests {
    @Test func tellsWhatAFolderIs() throws {
        let summary = try ModelSummary.read(Fixture.path("parity_mistral"))
        #expect(summary.format == "safetensors" && summary.family == "mistral")
        #expect(summary.contextLength == 64 && summary.attentionWindow == 64)
        #expect(summary.headWidth == 8 && summary.keyValueHeads == 2)
        #expect(summary.storage.map(\.type) == ["F32"])
        #expect(summary.storage.map(\.elements) == [summary.parameters])
        #expect(summary.storage.map(\.bytes) == [4 * summary.parameters])
        #expect(summary.chatTemplate == nil && summary.endTokens == [0])
    }

    @Test func tellsWhatAFileIs() throws {
        let summary = try ModelSummary.read(Fixture.path("gguf_llama3.gguf"))
        #expect(summary.format == "gguf" && summary.family == "llama")
        #expect(summary.ropeScaling == "llama3 by 8.0, from 64 tokens")
        #expect(summary.tokenizer == "byte-level BPE" && summary.tokenizerSize == 300)
        // The factors of the frequencies are no parameters.
        let stored = summary.storage.reduce(0) { $0 + $1.elements }
        #expect(stored == summary.parameters + summary.headWidth / 2)
    }

    @Test func aConversionRoundsAndReplacesNothing() async throws {
        try await withTemporaryFolder { folder in
            let source = Fixture.path("gguf_qwen3.gguf")
            let notes = try await ModelConversion(dtype: .bfloat16).convert(
                source, to: "\(folder)/m")
            #expect(notes.isEmpty)
            let (old, new) = (
                try ModelSummary.read(source), try ModelSummary.read("\(folder)/m")
            )
            #expect(new.storage.map(\.type) == ["BF16"] && new.parameters == old.parameters)
            let name = "model.layers.1.self_attn.k_norm.weight"
            let exact = try SafetensorsFile(Fixture.path("parity_qwen3/model.safetensors"))
                .read(name).values
            let rounded = try SafetensorsFile("\(folder)/m/model.safetensors").read(name).values
            #expect(zip(exact, rounded).allSatisfy { abs($0 - $1) <= abs($0) / 256 })
            #expect(exact != rounded)
            do {
                _ = try await ModelConversion(dtype: .float32).convert(source, to: "\(folder)/m")
                Issue.record("the folder was replaced")
            } catch let error as RefluxError {
                #expect(error.kind == .usage)
            }
        }
    }
}
