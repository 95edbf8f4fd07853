import RefluxCore
import Testing

@testable import RefluxEngine

@Suite struct GenerationStopTests {
    let tokenizer = ByteTokenizer()

    /// Feeds tokens to a draft until it is finished.
    func respond(
        _ tokens: [Int32], stops: [String] = [], maxTokens: Int = 100, room: Int = 100
    ) -> SampledResponse {
        let request = TinyModel.request("p", SamplingSettings(maxTokens: maxTokens, stops: stops))
        let endings = Endings(stops: stops, tokenizer: tokenizer)
        var draft = ResponseDraft(request: 0, sample: 0, of: request, room: room, endings: endings)
        for token in tokens where draft.finish == nil {
            draft.append(token, logProbability: -1, tokenizer: tokenizer)
        }
        return draft.response(tokenizer: tokenizer)
    }

    func bytes(_ text: String) -> [Int32] { text.utf8.map(Int32.init) }

    @Test("an end token ends the response, is kept, and is not in the text")
    func endToken() {
        let response = respond(bytes("ab") + [ByteTokenizer.end] + bytes("c"))
        #expect(response.tokens == bytes("ab") + [ByteTokenizer.end])
        #expect(response.logProbabilities.count == 3)
        #expect(response.text == "ab")
        #expect(response.finish == .stop)
    }

    @Test("a stop text is found across tokens and cut off with what follows it in its token")
    func acrossTokens() {
        // E, ND, D\n: the stop is complete with the token ND.
        let response = respond(bytes("go E") + [259, 260] + bytes("x"), stops: ["END"])
        #expect(response.text == "go ")
        #expect(response.tokens == bytes("go E") + [259])
        #expect(response.finish == .stop)
        let inside = respond(bytes("one\n") + [261] + bytes("x"), stops: ["\n\n"])
        #expect(inside.text == "one")
        #expect(inside.tokens == bytes("one\n") + [261])
    }

    @Test("the earliest of several stop texts cuts")
    func earliest() {
        let response = respond(bytes("a#b") + [261], stops: ["\n\n", "b\n", "zz"])
        #expect(response.text == "a#")
    }

    @Test("a long stop text is found one byte at a time")
    func oneByteAtATime() {
        let stop = "</answer>é"
        let response = respond(bytes("<answer>7" + stop + "more"), stops: [stop])
        #expect(response.text == "<answer>7")
        #expect(response.tokens.count == ("<answer>7" + stop).utf8.count)
    }

    @Test("characters spread over tokens and broken bytes do not hide a stop text")
    func brokenCharacters() {
        #expect(respond(bytes("日本語.") + bytes("x"), stops: ["語."]).text == "日本")
        let broken = [Int32](repeating: 0xE6, count: 11) + bytes("STOPx")
        let response = respond(broken, stops: ["STOP"])
        #expect(response.finish == .stop)
        #expect(response.tokens.count == 15)
    }

    @Test("a stop text that is a special token ends the response though the text does not show it")
    func specialStop() {
        let response = respond(bytes("a") + [ByteTokenizer.turn] + bytes("b"), stops: ["<|turn|>"])
        #expect(response.tokens == bytes("a") + [ByteTokenizer.turn])
        #expect(response.text == "a")
        #expect(response.finish == .stop)
        #expect(respond(bytes("a") + [ByteTokenizer.turn] + bytes("b")).text == "ab")
    }

    @Test("the limit on tokens ends a response, unless a stop text does so with the same token")
    func limits() {
        #expect(respond(bytes("abcdef"), maxTokens: 4).finish == .length)
        #expect(respond(bytes("abcdef"), maxTokens: 4).text == "abcd")
        #expect(respond(bytes("abcdef"), room: 2).text == "ab")
        #expect(respond(bytes("abcdef"), room: 2).finish == .length)
        #expect(respond(bytes("abcdef"), stops: ["d"], maxTokens: 4).finish == .stop)
        #expect(respond([], maxTokens: 0).finish == .length)
    }

    @Test("a response is limited by the context, and a prompt that fills it gets none")
    func context() throws {
        let model = try TinyModel.make(TinyModel.configuration(contextLength: 16))
        var tokenizer = ByteTokenizer()
        tokenizer.endTokens = []
        let generator = Generator(
            model: model, tokenizer: tokenizer, limits: GenerationLimits(cacheBytes: 1 << 20))
        let settings = SamplingSettings(maxTokens: 50)
        let responses = try generator.sample(
            [
                TinyModel.request("0123456789", settings, count: 2),
                TinyModel.request("0123456789abcdef", settings),
            ], finished: {})
        #expect(responses[0].map(\.tokens.count) == [6, 6])
        #expect(responses[0].allSatisfy { $0.finish == .length })
        #expect(responses[1][0].tokens.isEmpty)
        #expect(responses[1][0].finish == .length)
    }

    @Test(
        "a request that cannot be served is refused by its id",
        arguments: [
            ("", SamplingSettings(), "no tokens"),
            (String(repeating: "x", count: 129), SamplingSettings(), "129 tokens"),
            ("x", SamplingSettings(temperature: -1), "temperature"),
            ("x", SamplingSettings(temperature: .nan), "temperature"),
            ("x", SamplingSettings(topK: -1), "top_k"), ("x", SamplingSettings(topP: 0), "top_p"),
            ("x", SamplingSettings(minP: 2), "min_p"),
            ("x", SamplingSettings(maxTokens: -1), "max_tokens"),
            ("x", SamplingSettings(stops: [""]), "stops"),
        ])
    func refusals(_ text: String, _ settings: SamplingSettings, _ words: String) throws {
        let generator = TinyModel.generator(try TinyModel.make())
        let error = #expect(throws: RefluxError.self) {
            try generator.sample([TinyModel.request(text, settings, id: "q7")], finished: {})
        }
        #expect(error?.description.contains("\"q7\"") == true)
        #expect(error?.description.contains(words) == true)
    }

    @Test("a prompt with an id outside the vocabulary is refused")
    func foreignToken() throws {
        var request = TinyModel.request("x", SamplingSettings(), id: "q8")
        request.prompt = [5, 9_999]
        let generator = TinyModel.generator(try TinyModel.make())
        #expect(throws: RefluxError.self) { try generator.sample([request], finished: {}) }
    }
}
