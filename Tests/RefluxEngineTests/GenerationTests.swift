import Foundation
import RefluxCore
import Testing

@testable import RefluxEngine

@Suite struct GenerationTests {
    static let prompts = (0..<40).map { "Prompt \($0 % 5 == 0 ? "with more words, " : "")\($0)" }

    static func requests(_ settings: SamplingSettings) -> [SampleRequest] {
        prompts.enumerated().map { index, text in
            TinyModel.request(text, settings, count: 1 + index % 3, prompt: index, id: "p\(index)")
        }
    }

    @Test(
        "greedy tokens are the likeliest by the definition, with their log-probabilities",
        arguments: [
            TinyModel.configuration(), TinyModel.configuration(bias: true),
            TinyModel.configuration(heads: 5, keyValueHeads: 1, headWidth: 24),
            TinyModel.configuration(heads: 14, keyValueHeads: 2, headWidth: 6),
        ])
    func greedyIsLikeliest(_ configuration: ModelConfiguration) throws {
        let model = try TinyModel.make(configuration)
        let request = TinyModel.request("The beginning of a text", .greedy(maxTokens: 21))
        let response = try TinyModel.generator(model).sample([request], finished: {})[0][0]
        #expect(response.tokens.count == 21 || response.finish == .stop)
        let rows = PlainTransformer(model: model).logProbabilities(request.prompt + response.tokens)
        for (t, token) in response.tokens.enumerated() {
            let row = rows[request.prompt.count - 1 + t]
            #expect(abs(row[Int(token)] - Double(response.logProbabilities[t])) < 1e-4)
            #expect(row[Int(token)] >= (row.max() ?? 0) - 1e-5)
        }
    }

    @Test(
        "bf16 log-probabilities are near those of the definition",
        .enabled(if: Arithmetic.hasBFloat16))
    func bfloat16IsNear() throws {
        let model = try TinyModel.make(precision: .bfloat16)
        let request = TinyModel.request("The beginning of a text", SamplingSettings(maxTokens: 40))
        let response = try TinyModel.generator(model).sample([request], finished: {})[0][0]
        let rows = PlainTransformer(model: model).logProbabilities(request.prompt + response.tokens)
        for (t, token) in response.tokens.enumerated() {
            let exact = rows[request.prompt.count - 1 + t][Int(token)]
            #expect(abs(exact - Double(response.logProbabilities[t])) < 5e-2)
        }
    }

    @Test(
        "a request gives the same tokens alone and among forty",
        arguments: [
            SamplingSettings.greedy(maxTokens: 20), SamplingSettings(maxTokens: 20),
            SamplingSettings(temperature: 0.7, topK: 40, topP: 0.9, maxTokens: 20),
        ])
    func batchDoesNotMatter(_ settings: SamplingSettings) throws {
        let generator = TinyModel.generator(try TinyModel.make())
        let requests = Self.requests(settings)
        let together = try generator.sample(requests, finished: {})
        for index in stride(from: 0, to: requests.count, by: 3) {
            let alone = try generator.sample([requests[index]], finished: {})[0]
            #expect(alone.map(\.tokens) == together[index].map(\.tokens))
            #expect(alone.map(\.text) == together[index].map(\.text))
            for (a, b) in zip(alone, together[index]) {
                for (x, y) in zip(a.logProbabilities, b.logProbabilities) {
                    #expect(abs(x - y) < 1e-4)
                }
            }
        }
    }

    @Test("few places, short prompt steps and little memory change nothing")
    func limitsDoNotMatter() throws {
        let model = try TinyModel.make()
        let requests = Self.requests(SamplingSettings(maxTokens: 20))
        let wide = try TinyModel.generator(model).sample(requests, finished: {})
        let narrow = try TinyModel.generator(model, sequences: 7, promptTokens: 10)
            .sample(requests, finished: {})
        let poor = try TinyModel.generator(model, cacheBytes: 1).sample(requests, finished: {})
        #expect(narrow.map { $0.map(\.tokens) } == wide.map { $0.map(\.tokens) })
        #expect(poor.map { $0.map(\.tokens) } == wide.map { $0.map(\.tokens) })
    }

    @Test("samples of one request differ, and a later sample index gives the later samples")
    func samplesAreKeyed() throws {
        let generator = TinyModel.generator(try TinyModel.make())
        let settings = SamplingSettings(maxTokens: 12)
        let all = try generator.sample(
            [TinyModel.request("Once", settings, count: 6)], finished: {})[0]
        #expect(Set(all.map(\.tokens)).count == 6)
        var later = TinyModel.request("Once", settings, count: 2)
        later.key = later.key.with(sample: 4)
        #expect(try generator.sample([later], finished: {})[0] == Array(all[4...]))
    }

    @Test("prompts that begin alike share the beginning and answer as if they did not")
    func sharedBeginnings() throws {
        let model = try TinyModel.make()
        let beginning = String(repeating: "worked example; ", count: 3)
        let requests = ["one", "two", "", "one and more"].enumerated().map {
            TinyModel.request(
                beginning + $0.element, SamplingSettings(maxTokens: 10), prompt: $0.offset)
        }
        let together = try TinyModel.generator(model).sample(requests, finished: {})
        for (index, request) in requests.enumerated() {
            let alone = try TinyModel.generator(model).sample([request], finished: {})
            #expect(alone[0] == together[index])
        }
    }

    @Test("every finished response is reported once, and none is missing")
    func progress() throws {
        final class Counter { var value = 0 }
        let counter = Counter()
        let requests = Self.requests(SamplingSettings(maxTokens: 3))
        let responses = try TinyModel.generator(try TinyModel.make(), sequences: 5)
            .sample(requests) { counter.value += 1 }
        #expect(responses.map(\.count) == requests.map(\.count))
        #expect(counter.value == requests.map(\.count).reduce(0, +))
    }

    @Test("a cancelled task stops drawing")
    func cancellation() async throws {
        let model = try TinyModel.make()
        let task = Task {
            // Four places for sixteen responses: the first one finished is not the last.
            try TinyModel.generator(model, sequences: 4).sample(
                [TinyModel.request("Long", SamplingSettings(maxTokens: 9), count: 16)],
                finished: { withUnsafeCurrentTask { $0?.cancel() } }
            ).count
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("weights that are not finite are an error that names the request")
    func notFinite() throws {
        let model = try TinyModel.make()
        model.parameters[model.layout.finalNorm] = .nan
        let error = #expect(throws: RefluxError.self) {
            try TinyModel.generator(model).sample(
                [TinyModel.request("x", .greedy(maxTokens: 2), id: "seven")], finished: {})
        }
        #expect(error?.kind == .numeric)
        #expect(error?.description.contains("\"seven\"") == true)
    }
}
