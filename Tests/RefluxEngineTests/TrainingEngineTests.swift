import Foundation
import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxEngine

/// The engine through its public door: folders in, folders out.
@Suite struct TrainingEngineTests {
    private static let options = ModelOptions(
        precision: .float32, trainable: true, head: .init(initialDeviation: 0.1), seed: 3)

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

    private func open(_ path: String, _ options: ModelOptions = options) async throws
        -> any LanguageModelEngine
    {
        try await NativeEngineProvider(threads: 2).open(path, options: options)
    }

    private let batch = TrainingModel.batch(vocabulary: 300)

    private func train(_ engine: any LanguageModelEngine, steps: Range<Int>) async throws {
        for step in steps {
            try await engine.accumulateGradient(
                of: TrainingModel.batch(seed: UInt64(step), vocabulary: 300),
                reading: TokenReading(head: .beforeToken)
            ) { readings in
                let n = Float(readings.logProbabilities.count)
                return TokenGradients(
                    loss: 1, byLogProbability: readings.logProbabilities.map { _ in -1 / n },
                    byHeadValue: readings.headValues.map { ($0 - 1) / n })
            }
            try await engine.applyUpdate(UpdateSettings(learningRate: 0.01, weightDecay: 0.01))
        }
    }

    private func readings(_ engine: any LanguageModelEngine) async throws -> TokenReadings {
        try await engine.logProbabilities(of: batch, reading: TokenReading(head: .afterToken))
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
        }
    }

    @Test func loadingGoesBack() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(try await makeModel(in: folder))
            let before = try await readings(engine)
            try await engine.save(to: folder)
            try await train(engine, steps: 0..<2)
            #expect(try await readings(engine) != before)
            try await engine.load(from: folder)
            #expect(try await readings(engine) == before)
            let report = try await engine.applyUpdate(UpdateSettings(learningRate: 0))
            #expect(report == UpdateReport(gradientNorm: 0, step: 1))
        }
    }

    @Test func anExportedModelIsTheSameModel() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(try await makeModel(in: folder))
            try await train(engine, steps: 0..<2)
            try await engine.exportModel(to: "\(folder)/out")
            var options = Self.options
            options.trainable = false
            options.head = .init()
            let copy = try await open("\(folder)/out", options)
            #expect(try await readings(copy) == readings(engine))
            #expect(copy.info.parameterCount == engine.info.parameterCount)
        }
    }

    @Test func trainingLearnsABatchByHeart() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(try await makeModel(in: folder))
            for _ in 0..<60 {
                try await engine.accumulateGradient(of: batch, reading: TokenReading()) {
                    readings in
                    let n = Float(readings.logProbabilities.count)
                    return TokenGradients(
                        loss: 1, byLogProbability: readings.logProbabilities.map { _ in -1 / n })
                }
                try await engine.applyUpdate(UpdateSettings(learningRate: 0.01))
            }
            let learnt = try await readings(engine)
            #expect(learnt.logProbabilities.allSatisfy { $0 > log(0.5) })
        }
    }

    @Test func aFrozenModelRefusesToLearn() async throws {
        try await withTemporaryFolder { folder in
            let engine = try await open(try await makeModel(in: folder), ModelOptions())
            await #expect(throws: RefluxError.self) { try await train(engine, steps: 0..<1) }
            await #expect(throws: RefluxError.self) {
                try await engine.applyUpdate(UpdateSettings(learningRate: 1))
            }
        }
    }

    @Test func theStateOfAnotherModelIsRefused() async throws {
        try await withTemporaryFolder { folder in
            let path = try await makeModel(in: folder)
            let frozen = try await open(path, ModelOptions(precision: .float32))
            try await frozen.save(to: folder)
            let engine = try await open(path)
            let error = await #expect(throws: RefluxError.self) {
                try await engine.load(from: folder)
            }
            #expect(error?.kind == .input)
            #expect(error?.location?.path == "\(folder)/state.json")
        }
    }

    @Test func enginesMayBeCalledFromManyTasks() async throws {
        try await withTemporaryFolder { folder in
            let path = try await makeModel(in: folder)
            let engines = [try await open(path), try await open(path)]
            let wanted = try await readings(engines[0])
            try await withThrowingTaskGroup(of: TokenReadings.self) { group in
                for index in 0..<12 {
                    group.addTask { try await readings(engines[index % 2]) }
                }
                for try await found in group { #expect(found == wanted) }
            }
        }
    }

    @Test func openBLASHasNoBFloat16() async throws {
        try await withTemporaryFolder { folder in
            let path = try await makeModel(in: folder)
            let provider = NativeEngineProvider(library: .openBLAS)
            let error = await #expect(throws: RefluxError.self) {
                try await provider.open(path, options: ModelOptions(precision: .bfloat16))
            }
            #expect(error?.kind == .usage)
            let automatic = try await provider.open(path, options: ModelOptions())
            #expect(automatic.info.arithmetic == "f32 (OpenBLAS)")
        }
    }
}
