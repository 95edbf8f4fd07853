import Foundation
import RefluxCore
import RefluxTesting
import Synchronization
import Testing

@testable import RefluxRewards

struct LanguageModelRewardTests {
    private let training = labelledGroups(0..<30)
    private let heldOut = labelledGroups(100..<120)
    private var data: RewardTrainingData { RewardTrainingData(groups: training, seed: 5) }

    private static func settings(
        _ preset: RewardSettings = .languageModel, steps: Int = 12,
        _ change: (inout RewardSettings) -> Void = { _ in }
    ) -> RewardSettings {
        var settings = preset
        settings.steps = steps
        settings.batchPairs = 4
        settings.learningRate = 0.1
        settings.warmupSteps = 3
        settings.microBatchTokens = 60
        change(&settings)
        return settings
    }

    private func area(of model: LanguageModelReward) async throws -> Double {
        try areaWithin(heldOut, try await model.score(heldOut.flatMap { $0.map(\.item) }))
    }

    static let recipes: [RewardSettings] = [
        settings(steps: 40) {
            $0.languageModel = 0; $0.features = [.hidden]
        },
        settings(steps: 40) { $0.reading = .tokens },
        settings(.pointwise, steps: 40) { $0.reading = .pooled },
        settings(steps: 200) { $0.features = [.logProbabilities] },
    ]

    @Test(arguments: recipes.indices)
    func learnsToRankTheAnswersOfHeldOutPrompts(recipe: Int) async throws {
        var settings = Self.recipes[recipe]
        settings.body = "student"
        let model = LanguageModelReward(settings: settings, context: context())
        let before = try await area(of: model)
        try await model.fit(data, checkpoint: nil, observer: .silent)
        let after = try await area(of: model)
        #expect(before < 0.7)
        #expect(after > 0.85)
    }

    @Test func keepsThePromisesOfARewardModel() async throws {
        try await RewardModelConformance.check(data: data) {
            LanguageModelReward(settings: Self.settings(), context: context())
        } load: { folder in
            LanguageModelReward.load(folder, context: context())
        }
    }

    @Test func resumedTrainingEndsBitForBitLikeUninterruptedTraining() async throws {
        let items = heldOut.flatMap { $0.map(\.item) }
        let settings = Self.settings { $0.checkpointEvery = 5 }
        let whole = LanguageModelReward(settings: settings, context: context())
        try await whole.fit(data, checkpoint: nil, observer: .silent)
        let expected = try await whole.score(items)
        try await withFolder { folder in
            // Killed after step 8: what is left is the state of step 5.
            let killed = LanguageModelReward(settings: settings, context: context())
            try await killed.fit(
                data, checkpoint: "\(folder)/a",
                observer: RunObserver(metrics: { step, _ in
                    guard step == 8 else { return }
                    try? FileManager.default.copyItem(
                        atPath: "\(folder)/a", toPath: "\(folder)/b")
                }))
            let steps = Steps()
            let resumed = LanguageModelReward(settings: settings, context: context())
            try await resumed.fit(
                data, checkpoint: "\(folder)/b",
                observer: RunObserver(metrics: { step, _ in steps.add(step) }))
            #expect(steps.all == Array(6...12))
            #expect(try await resumed.score(items) == expected)
        }
    }

    @Test func cancelledTrainingSavesItsState() async throws {
        let items = heldOut.flatMap { $0.map(\.item) }
        let settings = Self.settings { $0.checkpointEvery = 1000 }
        let whole = LanguageModelReward(settings: settings, context: context())
        try await whole.fit(data, checkpoint: nil, observer: .silent)
        try await withFolder { folder in
            let data = data
            let task = Task {
                let model = LanguageModelReward(settings: settings, context: context())
                try await model.fit(
                    data, checkpoint: folder,
                    observer: RunObserver(metrics: { step, _ in
                        if step == 7 { withUnsafeCurrentTask { $0?.cancel() } }
                    }))
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let steps = Steps()
            let resumed = LanguageModelReward(settings: settings, context: context())
            try await resumed.fit(
                data, checkpoint: folder,
                observer: RunObserver(metrics: { step, _ in steps.add(step) }))
            #expect(steps.all.first == 8)
            #expect(try await resumed.score(items) == (try await whole.score(items)))
        }
    }

    @Test func refusesAStateOfAnotherTraining() async throws {
        try await withFolder { folder in
            let model = LanguageModelReward(settings: Self.settings(steps: 2), context: context())
            try await model.fit(data, checkpoint: folder, observer: .silent)
            var other = data
            other.groups[0][0].reward = 0
            let again = LanguageModelReward(settings: Self.settings(steps: 2), context: context())
            await #expect(throws: RefluxError.self) {
                try await again.fit(other, checkpoint: folder, observer: .silent)
            }
        }
    }

    @Test func microBatchesChangeNothingButRounding() async throws {
        let items = heldOut.flatMap { $0.map(\.item) }
        var scores: [[Double]] = []
        for tokens in [1, 60, 100_000] {
            let settings = Self.settings(steps: 3) { $0.microBatchTokens = tokens }
            let model = LanguageModelReward(settings: settings, context: context())
            try await model.fit(data, checkpoint: nil, observer: .silent)
            scores.append(try await model.score(items))
        }
        #expect(zip(scores[0], scores[1]).allSatisfy { abs($0 - $1) < 1e-3 })
        #expect(zip(scores[0], scores[2]).allSatisfy { abs($0 - $1) < 1e-3 })
        #expect(Set(scores[0]).count > 50)
    }

    @Test func anUntrainedModelScoresTheLogProbabilitiesOfTheFinishedResponse() async throws {
        let model = LanguageModelReward(settings: Self.settings(), context: context())
        let teacher = try await context().models.open(
            "models/teacher", options: ModelOptions())
        let prompt = Prompt(id: "p", index: 0, content: .text("p:"))
        let readings = try await teacher.logProbabilities(
            of: [TokenSequence(prompt: [112, 58], response: [97, 98, ToyTokenizer.end])],
            reading: TokenReading())
        let logs = readings.logProbabilities.map(Double.init)
        let mean = logs.reduce(0, +) / Double(logs.count)
        let expected = 0.5 * mean + 0.5 * (logs.min() ?? 0)
        for finished in [true, false] {
            let scores = try await model.score([
                ScoringItem(prompt: prompt, text: "ab", finished: finished)
            ])
            #expect(abs(scores[0] - expected) < 1e-6)
        }
    }

    @Test func namesThePromptThatIsTooLong() async throws {
        let item = ScoringItem(
            prompt: Prompt(id: "gsm8k/train/17", index: 17, content: .text("p:")),
            text: String(repeating: "a", count: 200))
        let model = LanguageModelReward(settings: Self.settings(), context: context())
        let error = await #expect(throws: RefluxError.self) { try await model.score([item]) }
        #expect(error?.description.contains("gsm8k/train/17") == true)
        let cutting = Self.settings { $0.maxTokens = 40 }
        let scores = try await LanguageModelReward(
            settings: cutting, context: context()
        ).score([item])
        #expect(scores.count == 1)
    }

    @Test func aResponseThatFilledItsContextIsCutToFitWithTheEndThatIsRead() async throws {
        let model = LanguageModelReward(
            settings: Self.settings(), context: context(contextLength: 16))
        let prompt = Prompt(id: "p", index: 0, content: .text("p:"))
        let full = String(repeating: "a", count: 14)
        let scores = try await model.score([
            ScoringItem(prompt: prompt, text: full, finished: false),
            ScoringItem(prompt: prompt, text: full + "b", finished: false),
        ])
        #expect(scores[0] == scores[1])
        await #expect(throws: RefluxError.self) {
            try await model.score([ScoringItem(prompt: prompt, text: full)])
        }
    }

    @Test(
        arguments: [
            (nil, nil, ModelOptions.Precision.automatic), (.float32, nil, .float32),
            (.float32, .bfloat16, .bfloat16), (nil, .bfloat16, .bfloat16),
        ] as [(ModelOptions.Precision?, ModelOptions.Precision?, ModelOptions.Precision)])
    func aLoadedModelComputesAsItWasTrainedUnlessToldOtherwise(
        trained: ModelOptions.Precision?, asked: ModelOptions.Precision?,
        expected: ModelOptions.Precision
    ) async throws {
        try await withFolder { folder in
            let settings = Self.settings(steps: 1) { $0.precision = trained }
            let model = LanguageModelReward(settings: settings, context: context())
            try await model.fit(data, checkpoint: nil, observer: .silent)
            try await model.save(to: folder)
            var context = context()
            let models = WatchedProvider(models: context.models)
            context.models = models
            let loaded = LanguageModelReward.load(folder, context: context, precision: asked)
            _ = try await loaded.score([training[0][0].item])
            #expect(models.precisions.withLock { $0 } == [expected])
        }
    }

    @Test func saysThatThereIsNothingToLearnFrom() async throws {
        let equal = training.map {
            $0.map { RewardTrainingData.Item(item: $0.item, reward: 1, role: $0.role) }
        }
        let model = LanguageModelReward(settings: Self.settings(), context: context())
        let error = await #expect(throws: RefluxError.self) {
            try await model.fit(
                RewardTrainingData(groups: equal, seed: 1), checkpoint: nil, observer: .silent)
        }
        #expect(error?.kind == .refused)
    }

    @Test func aLoadedModelIsNotTrained() async throws {
        try await withFolder { folder in
            let model = LanguageModelReward(settings: Self.settings(steps: 1), context: context())
            try await model.fit(data, checkpoint: nil, observer: .silent)
            try await model.save(to: folder)
            let loaded = LanguageModelReward.load(folder, context: context())
            let error = await #expect(throws: RefluxError.self) {
                try await loaded.fit(data, checkpoint: nil, observer: .silent)
            }
            #expect(error?.kind == .refused)
        }
        let absent = LanguageModelReward.load("/no/such/folder", context: context())
        let item = training[0][0].item
        let error = await #expect(throws: RefluxError.self) { try await absent.score([item]) }
        #expect(error?.description.contains("/no/such/folder") == true)
    }
}

/// Notes in which arithmetic models are opened.
private final class WatchedProvider: LanguageModelProvider {
    let name = "watched"
    let models: any LanguageModelProvider
    let precisions = Mutex<[ModelOptions.Precision]>([])

    init(models: any LanguageModelProvider) { self.models = models }

    func open(_ path: String, options: ModelOptions) async throws -> any LanguageModelEngine {
        precisions.withLock { $0.append(options.precision) }
        return try await models.open(path, options: options)
    }
}

/// The steps that an observer saw.
private final class Steps: @unchecked Sendable {
    private let lock = NSLock()
    private var steps: [Int] = []

    var all: [Int] { lock.withLock { steps } }
    func add(_ step: Int) { lock.withLock { steps.append(step) } }
}
