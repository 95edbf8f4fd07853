import Foundation
import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxEngine

/// Adapters through the engine's public door: folders in, folders out.
@Suite struct AdapterEngineTests {
    private static let settings = AdapterSettings(rank: 4, alpha: 8, dropout: 0.1)
    private let provider = NativeEngineProvider(threads: 2)
    private let batch = TrainingModel.batch(vocabulary: 290)

    private func makeModel(in folder: String) async throws -> String {
        let path = "\(folder)/model"
        let corpus = (0..<200).map { "question \($0) has the answer \($0 * 7 % 31)." }
        try await ModelFolderFactory.create(
            at: path,
            blueprint: ModelBlueprint(
                layers: 2, width: 32, heads: 4, keyValueHeads: 2, feedForward: 64,
                contextLength: 64, vocabularySize: 320), corpus: corpus, seed: 1)
        return path
    }

    private func open(
        _ path: String, trainable: Bool = true, adapter: AdapterSettings? = settings,
        head: Bool = true, precision: ModelOptions.Precision = .float32
    ) async throws -> NativeEngine {
        let engine = try await provider.open(
            path,
            options: ModelOptions(
                precision: precision, trainable: trainable,
                head: head ? .init(initialDeviation: 0.1) : nil,
                adapter: trainable ? adapter : nil, seed: 3))
        return try #require(engine as? NativeEngine)
    }

    private func train(_ engine: any LanguageModelEngine, steps: Range<Int>) async throws {
        for step in steps {
            for part in 0..<2 {
                try await engine.accumulateGradient(
                    of: TrainingModel.batch(seed: UInt64(2 * step + part), vocabulary: 290),
                    reading: TokenReading(head: .beforeToken)
                ) { readings in
                    let n = Float(readings.logProbabilities.count)
                    return TokenGradients(
                        loss: 1, byLogProbability: readings.logProbabilities.map { _ in -1 / n },
                        byHeadValue: readings.headValues.map { ($0 - 1) / n })
                }
            }
            try await engine.applyUpdate(UpdateSettings(learningRate: 0.01, weightDecay: 0.01))
        }
    }

    private func readings(_ engine: any LanguageModelEngine) async throws -> [Float] {
        try await engine.logProbabilities(of: batch, reading: TokenReading()).logProbabilities
    }

    private func request(_ engine: any LanguageModelEngine) async throws -> [[Int32]] {
        try await engine.sample([
            SampleRequest(
                id: "r", prompt: [5, 6, 7],
                settings: SamplingSettings(temperature: 1, maxTokens: 20), count: 3,
                key: RandomKey(seed: 1, stage: .sample))
        ]).flatMap { $0.map(\.tokens) }
    }

    @Test func aFrozenBodyServesSeveralEngines() async throws {
        try await withTemporaryFolder { folder in
            let path = try await makeModel(in: folder)
            let policy = try await open(path)
            let reference = try await open(path, trainable: false, head: false)
            let reward = try await open(
                path, adapter: AdapterSettings(rank: 2, targets: [.query, .value]))
            #expect(policy.model.body === reference.model)
            #expect(reward.model.body === reference.model)
            #expect(policy.info.adapterParameterCount == policy.model.adapter?.layout.count)
            #expect(reference.info.adapterParameterCount == nil)
            let before = try await readings(reference)
            let drawn = try await request(reference)
            #expect(try await readings(policy) == before)
            #expect(try await request(policy) == drawn)
            try await train(policy, steps: 0..<3)
            let learnt = try await readings(policy)
            #expect(learnt != before)
            #expect(try await readings(reference) == before)
            #expect(try await readings(reward) == before)
            try await train(reward, steps: 3..<5)
            #expect(try await readings(policy) == learnt)
            #expect(try await request(reference) == drawn)
            // A model whose weights are trained has its own.
            let whole = try await open(path, adapter: nil)
            #expect(whole.model !== reference.model)
            #expect(whole.model.body == nil)
        }
    }

    @Test func aModelThatWasReplacedIsReadAnew() async throws {
        try await withTemporaryFolder { folder in
            let path = try await makeModel(in: folder)
            let first = try await open(path, trainable: false, head: false)
            try await ModelFolderFactory.create(
                at: "\(folder)/other",
                blueprint: ModelBlueprint(
                    layers: 2, width: 32, heads: 4, keyValueHeads: 2, feedForward: 64,
                    contextLength: 64, vocabularySize: 320), tokenizerFrom: path, seed: 2)
            try Files.remove(path)
            try FileManager.default.moveItem(atPath: "\(folder)/other", toPath: path)
            let second = try await open(path, trainable: false, head: false)
            #expect(first.model !== second.model)
            #expect(try await readings(first) != readings(second))
        }
    }

    @Test func aResumedRunIsTheUninterruptedOneBitForBit() async throws {
        try await withTemporaryFolder { folder in
            let path = try await makeModel(in: folder)
            let straight = try await open(path)
            try await train(straight, steps: 0..<6)
            let first = try await open(path)
            try await train(first, steps: 0..<3)
            try await first.save(to: folder)
            let second = try await open(path)
            try await second.load(from: folder)
            try await train(second, steps: 3..<6)
            #expect(try await readings(second) == readings(straight))
            // The state holds what is trained, and not the body.
            let state = try SafetensorsFile("\(folder)/state.safetensors")
            #expect(state.shape(of: "parameters") == nil)
            #expect(
                state.shape(of: "adapter.parameters") == [
                    try #require(first.model.adapter).layout.count
                ])
        }
    }

    @Test func anExportedAdapterIsTheSameModelAndGoesOn() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(try await makeModel(in: folder))
            try await train(engine, steps: 0..<3)
            try await engine.exportModel(to: "\(folder)/out")
            #expect(
                try Files.list("\(folder)/out") == [
                    "adapter_config.json", "adapter_model.safetensors", "head.safetensors",
                ])
            let frozen = try await open("\(folder)/out", trainable: false)
            #expect(try await readings(frozen) == readings(engine))
            #expect(try await request(frozen) == request(engine))
            #expect(frozen.model.body === engine.model.body)
            // Its own shape serves when none is asked for; the head goes on too.
            let again = try await open("\(folder)/out", adapter: nil)
            #expect(again.model.adapter?.settings == Self.settings)
            #expect(try await readings(again) == readings(engine))
            try await train(again, steps: 3..<4)
            #expect(try await readings(again) != readings(engine))
        }
    }

    @Test func aMergedModelIsTheUnmergedOneWithinRounding() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(try await makeModel(in: folder))
            try await train(engine, steps: 0..<4)
            try await engine.exportModel(to: "\(folder)/out")
            let notes = try await ModelConversion(dtype: .float32).convert(
                "\(folder)/out", to: "\(folder)/merged")
            #expect(notes.isEmpty)
            let merged = try await open("\(folder)/merged", trainable: false, head: false)
            #expect(merged.info.adapterParameterCount == nil)
            let (own, wanted) = (try await readings(merged), try await readings(engine))
            #expect(largestDifference(own, wanted) < 1e-5)
            let text = "question 7"
            #expect(
                merged.tokenizer.encode(text, parseSpecial: false)
                    == engine.tokenizer.encode(text, parseSpecial: false))
        }
    }

    @Test func aSummaryTellsOfTheAdapter() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(try await makeModel(in: folder))
            try await engine.exportModel(to: "\(folder)/out")
            let summary = try ModelSummary.read("\(folder)/out")
            #expect(summary.adapter?.settings == Self.settings)
            #expect(summary.adapter?.parameters == engine.info.adapterParameterCount)
            #expect(summary.parameters == engine.info.parameterCount)
            try provider.check("\(folder)/out")
            #expect(try provider.models(under: "\(folder)/out") == ["\(folder)/model"])
            #expect(try provider.models(under: "\(folder)/model") == [])
        }
    }

    @Test func anAdapterOfAnotherShapeIsRefused() async throws {
        try await withTemporaryFolder { folder in
            let path = try await makeModel(in: folder)
            let engine = try await open(path)
            try await engine.exportModel(to: "\(folder)/out")
            try await engine.save(to: folder)
            let other = AdapterSettings(rank: 8, alpha: 8)
            let error = await #expect(throws: RefluxError.self) {
                _ = try await open("\(folder)/out", adapter: other)
            }
            #expect(error?.kind == .usage)
            #expect(error?.location?.path == "\(folder)/out")
            let stranger = try await open(path, adapter: other)
            let state = await #expect(throws: RefluxError.self) {
                try await stranger.load(from: folder)
            }
            #expect(state?.location?.path == "\(folder)/state.json")
            let frozen = await #expect(throws: RefluxError.self) {
                _ = try await provider.open(path, options: ModelOptions(adapter: other))
            }
            #expect(frozen?.kind == .usage)
        }
    }

    @Test(arguments: AdapterInvarianceTests.precisions)
    func samplesAgreeWithReadings(_ precision: ModelOptions.Precision) async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(try await makeModel(in: folder), precision: precision)
            try await train(engine, steps: 0..<6)
            let drawn = try await engine.sample([
                SampleRequest(
                    id: "r", prompt: [5, 6, 7],
                    settings: SamplingSettings(temperature: 1, maxTokens: 20), count: 8,
                    key: RandomKey(seed: 1, stage: .sample))
            ])[0]
            let sequences = drawn.map { TokenSequence(prompt: [5, 6, 7], response: $0.tokens) }
            let read = try await engine.logProbabilities(of: sequences, reading: TokenReading())
            let own = drawn.flatMap(\.logProbabilities)
            #expect(
                largestDifference(own, read.logProbabilities)
                    < (precision == .float32 ? 1e-5 : 0.05))
        }
    }
}
