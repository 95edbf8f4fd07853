import Foundation
import RefluxCore
import RefluxFiles
import RefluxTesting
import Testing

@testable import RefluxPipeline

@Suite("A log of chunks")
struct StageChunkedLogTests {
    @Test("drops what a killed process left of a chunk, and goes on behind the whole ones")
    func resumes() throws {
        let folder = try TemporaryFolder()
        let log = ChunkedLog<[Int]>(path: "\(folder.path)/lines.jsonl")
        #expect(try log.resume() == 0)
        try log.append([[1], [2]])
        try log.append([])
        try log.append([[3]])
        let whole = try folder.read("lines.jsonl")
        try folder.write(whole + "[4]\n[5", to: "lines.jsonl")
        #expect(try log.resume() == 3)
        #expect(try log.read() == [[1], [2], [3]])
        try log.append([[6]])
        #expect(try log.read() == [[1], [2], [3], [6]])
        #expect(try log.resume() == 4)
    }

    @Test("refuses a file from which finished lines were removed")
    func missingLines() throws {
        let folder = try TemporaryFolder()
        let log = ChunkedLog<Int>(path: "\(folder.path)/lines.jsonl")
        try log.append([1, 2])
        try folder.write("1\n", to: "lines.jsonl")
        #expect(throws: RefluxError.self) { try log.resume() }
    }
}

@Suite("A plan of batches")
struct StageBatchPlanTests {
    @Test("every epoch holds every sequence once, in another order")
    func epochs() {
        let plan = BatchPlan(
            lengths: [Int](repeating: 5, count: 10), size: .sequences(4), epochs: 3, seed: 1,
            stage: .warmup)
        #expect(plan.batches.map(\.count) == [4, 4, 2, 4, 4, 2, 4, 4, 2])
        let epochs = plan.batches.chunks(of: 3).map { Array($0.joined()) }
        for epoch in epochs { #expect(epoch.sorted() == Array(0..<10)) }
        #expect(epochs[0] != epochs[1])
    }

    @Test("batches by tokens stay within the limit, but a longer sequence stands alone")
    func tokens() {
        let lengths = [3, 9, 2, 2, 20, 4]
        let plan = BatchPlan(
            lengths: lengths, size: .tokens(10), epochs: 1, seed: 4, stage: .warmup)
        #expect(plan.batches.flatMap(\.self).sorted() == Array(0..<6))
        for batch in plan.batches {
            #expect(batch.count == 1 || batch.reduce(0) { $0 + lengths[$1] } <= 10)
        }
    }

    @Test("a number of steps takes as many epochs as it needs, and nothing needs none")
    func steps() {
        let plan = BatchPlan(
            lengths: [1, 1, 1], size: .sequences(2), steps: 5, seed: 1, stage: .prepare)
        #expect(plan.batches.count == 5)
        let none = BatchPlan(lengths: [], size: .sequences(2), steps: 5, seed: 1, stage: .prepare)
        #expect(none.batches.isEmpty)
    }

    @Test("micro-batches cover a batch in order and keep to the limit")
    func microBatches() {
        let sequences = [4, 4, 3, 30, 2, 2].map { count in
            TokenSequence(prompt: [1], response: [Int32](repeating: 2, count: count - 1))
        }
        #expect(
            RefluxPipeline.microBatches(of: sequences, limit: 8) == [0..<2, 2..<3, 3..<4, 4..<6])
    }
}

@Suite("Supervised training")
struct StageSupervisedTrainerTests {
    private func train(
        microBatchTokens: Int, in folder: TemporaryFolder
    ) async throws -> (engine: LinearEngine, lines: [[String: Double]]) {
        let engine = LinearEngine()
        var data = SupervisedData(for: engine)
        let prompt = Prompt(id: "p", index: 0, content: .text("ab="))
        try data.add([("7", true), ("77", true), ("", false)], to: prompt)
        try data.add([(String(repeating: "x", count: 300), true)], to: prompt)
        #expect(data.sequences.count == 2 && data.tooLong == 1 && data.empty == 1)
        let name = "\(folder.path)/metrics-\(microBatchTokens).jsonl"
        let metrics = MetricsFile(path: name)
        try await SupervisedTrainer(
            engine: engine, sequences: data.sequences,
            plan: BatchPlan(
                lengths: [1, 1], size: .sequences(2), steps: 6, seed: 1, stage: .warmup),
            optimization: OptimizationSettings(
                learningRate: 0.3, shape: .constant, warmupSteps: 0),
            microBatchTokens: microBatchTokens,
            checkpoints: Checkpoints(folder: "\(folder.path)/checkpoints-\(microBatchTokens)"),
            checkpointEvery: 100,
            observer: RunObserver(metrics: { try? metrics.append(step: $0, values: $1) }),
            metrics: metrics
        ).train()
        return (engine, try MetricsFile.lines(at: name))
    }

    @Test("the first loss of a uniform model is log V, and it falls")
    func loss() async throws {
        let (_, lines) = try await train(microBatchTokens: 1_000, in: TemporaryFolder())
        #expect(lines.count == 6)
        #expect(abs(try #require(lines[0]["loss"]) - log(129)) < 1e-5)
        #expect(try #require(lines[5]["loss"]) < log(129) - 1)
    }

    @Test("micro-batches change nothing but rounding")
    func accumulation() async throws {
        let folder = try TemporaryFolder()
        let whole = try await train(microBatchTokens: 1_000, in: folder)
        let parts = try await train(microBatchTokens: 1, in: folder)
        for (a, b) in zip(whole.lines, parts.lines) {
            #expect(abs(try #require(a["loss"]) - (b["loss"] ?? 0)) < 1e-6)
            #expect(abs(try #require(a["gradient_norm"]) - (b["gradient_norm"] ?? 0)) < 1e-6)
        }
    }
}

@Suite("Checkpoints")
struct StageCheckpointsTests {
    @Test("the newest two are kept, and the newest is restored with its state")
    func keepsTwo() async throws {
        let folder = try TemporaryFolder()
        let checkpoints = Checkpoints<[String: Int]>(folder: "\(folder.path)/checkpoints")
        let engine = LinearEngine()
        #expect(try await checkpoints.restore(engine) == nil)
        for step in [2, 4, 10] {
            try await checkpoints.save(engine, step: step, state: ["step": step])
        }
        #expect(try checkpoints.steps() == [4, 10])
        try folder.write("half", to: "checkpoints/step-12.partial/state.json")
        let found = try #require(try await checkpoints.restore(engine))
        #expect(found.step == 10 && found.state == ["step": 10])
    }
}

@Suite("The order of prompts")
struct StagePromptOrderTests {
    private func order(perStep: Int, count: Int = 10, seed: UInt64 = 5) -> PromptOrder {
        PromptOrder(
            examples: (0..<count).map { Example(id: "\($0)", index: $0, question: "") },
            perStep: perStep, seed: seed)
    }

    @Test("no prompt comes twice in an epoch, and epochs differ")
    func withoutReplacement() {
        let order = order(perStep: 3)
        let first = (0..<3).flatMap { order.examples(at: $0).map(\.index) }
        let second = (3..<6).flatMap { order.examples(at: $0).map(\.index) }
        #expect(Set(first).count == 9 && Set(second).count == 9)
        #expect(first != second)
        #expect(order.examples(at: 4).map(\.index) == Array(second[3..<6]))
    }

    @Test("a step takes all prompts when there are fewer than it wants")
    func fewPrompts() {
        #expect(order(perStep: 64).examples(at: 7).count == 10)
        #expect(order(perStep: 64, count: 0).examples(at: 7).isEmpty)
    }
}
