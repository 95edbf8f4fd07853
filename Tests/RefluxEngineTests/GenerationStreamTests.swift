import RefluxCore
import Testing

@testable import RefluxEngine

@Suite struct GenerationStreamTests {
    private let model: Transformer
    private let settings = SamplingSettings(temperature: 0.8, maxTokens: 20)

    init() throws { model = try TinyModel.make() }

    private func request(_ text: String, turn: Int) -> SampleRequest {
        TinyModel.request(text, settings, prompt: turn)
    }

    @Test("tokens come one by one and are those of the response")
    func tokensCome() throws {
        var drawn: [Int32] = []
        let response = try TinyModel.generator(model).sample(
            [request("Once", turn: 0)], finished: {}, drawn: { drawn.append($0) })[0][0]
        #expect(drawn == response.tokens)
        #expect(drawn.count > 1)
    }

    @Test("a conversation answers as if each turn stood alone, and computes the rest alone")
    func turnsShareTheirBeginning() throws {
        let conversation = ConversationCache(model)
        let generator = TinyModel.generator(model)
        var text = String(repeating: "a long system message; ", count: 2)
        for turn in 0..<3 {
            text += "question \(turn)?"
            let request = request(text, turn: turn)
            let found = try CachedPrompt(
                request.prompt, cache: conversation.cache, prefixes: conversation.prefixes
            ).found
            #expect(turn == 0 ? found == 0 : found >= 32, "\(found) in turn \(turn)")
            let kept = try generator.sample(
                [request], finished: {}, drawn: { _ in }, in: conversation)
            #expect(kept == (try generator.sample([request], finished: {})))
            text += " answer \(turn)."
        }
    }

    @Test("a prompt whose computation was cancelled is not kept")
    func cancelledPromptsAreForgotten() async throws {
        let result = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            let model = try TinyModel.make()
            let conversation = ConversationCache(model)
            let text = String(repeating: "a long message; ", count: 4)
            let request = TinyModel.request(text, SamplingSettings(maxTokens: 4), prompt: 0)
            #expect(throws: CancellationError.self) {
                try TinyModel.generator(model).sample(
                    [request], finished: {}, drawn: { _ in }, in: conversation)
            }
            #expect(conversation.last == nil)
            #expect(conversation.cache.taken == 0)
        }.result
        try result.get()
    }
}
