import Foundation
import RefluxCore
import RefluxTesting
import Testing

@testable import RefluxRewards

struct FeatureScaleTests {
    private let scale = FeatureScale(
        mean: .init(mean: -0.8, deviation: 0.25), sum: .init(mean: -40, deviation: 12),
        minimum: .init(mean: -3, deviation: 0.7))
    private let weights = FeatureWeights(bias: 0.2, mean: -0.9, sum: 0.6, minimum: -0.4)

    @Test func rawWeightsGiveTheScoresOfStandardisedFeatures() {
        let raw = scale.raw(weights)
        for (mean, sum, minimum) in [(-0.8, -40.0, -3.0), (-0.1, -10, -0.2), (-2, -300, -17)] {
            let score =
                weights.bias + weights.mean * (mean + 0.8) / 0.25 + weights.sum * (sum + 40) / 12
                + weights.minimum * (minimum + 3) / 0.7
            let read = raw.bias + raw.mean * mean + raw.sum * sum + raw.minimum * minimum
            #expect(abs(read - score) < 1e-9)
        }
    }

    @Test func spreadsAreThoseOfTheValues() {
        #expect(
            FeatureScale.Spread(of: [1, 2, 3, 6]) == .init(mean: 3, deviation: 3.5.squareRoot()))
        #expect(FeatureScale.Spread(of: [-4, -4]) == .init(mean: -4, deviation: 1))
        #expect(FeatureScale.Spread(of: []) == .identity)
    }

    /// The derivatives by the weights of standardised features, through the loss.
    @Test(arguments: RewardSettings.Reading.allCases)
    func derivativesAgreeWithFiniteDifferences(reading: RewardSettings.Reading) throws {
        var generator = RolloutGenerator(seed: 3)
        let readings = TokenReadings(
            offsets: [0, 4, 9], logProbabilities: generator.numbers(9, in: -3 ... -0.1),
            headValues: generator.numbers(9, in: -1...1))
        let targets = RewardTargets(
            items: [
                .init(reward: 1, weight: 1, tokens: 4), .init(reward: 0.2, weight: 0.5, tokens: 5),
            ],
            pairs: [.init(better: 0, worse: 1)])
        var settings = RewardSettings()
        settings.reading = reading
        func evaluate(_ weights: FeatureWeights) -> RewardLoss.Result {
            RewardLoss(settings).evaluate(
                readings, targets: targets, totals: RewardTargets.Totals([targets]),
                weights: scale.raw(weights))
        }
        let gradient = scale.gradient(evaluate(weights).gradient.byWeights)
        try GradientCheck(step: 1e-3, absolute: 2e-6, relative: 1e-4).check(
            [gradient.bias, gradient.mean, gradient.sum, gradient.minimum].map { Float($0) },
            at: [weights.bias, weights.mean, weights.sum, weights.minimum].map { Float($0) }
        ) { point in
            evaluate(
                FeatureWeights(
                    bias: Double(point[0]), mean: Double(point[1]), sum: Double(point[2]),
                    minimum: Double(point[3]))
            ).value
        }
    }

    private func settings(microBatchTokens: Int = 60) -> RewardSettings {
        var settings = RewardSettings.languageModel
        settings.features = [.logProbabilities]
        settings.steps = 1
        (settings.learningRate, settings.featureLearningRate) = (0, 0)
        settings.microBatchTokens = microBatchTokens
        return settings
    }

    /// Responses of any length begin at scores that no loss saturates at.
    @Test(arguments: [1, 40])
    func trainingBeginsAtScoresOfOneSpreadForResponsesOfAnyLength(factor: Int) async throws {
        let groups = labelledGroups(0..<30).map {
            $0.map { item in
                var item = item
                item.item.text = String(repeating: item.item.text, count: factor)
                return item
            }
        }
        let model = LanguageModelReward(
            settings: settings(), context: context(contextLength: 1024))
        try await model.fit(
            RewardTrainingData(groups: groups, seed: 5), checkpoint: nil, observer: .silent)
        let spread = FeatureScale.Spread(
            of: try await model.score(groups.flatMap { $0.map(\.item) }))
        #expect(abs(spread.mean) < 1e-4)
        #expect(spread.deviation > 0.3 && spread.deviation <= 1.0001)
    }

    private func measured(
        _ groups: [[RewardTrainingData.Item]], seed: UInt64, microBatchTokens: Int
    ) async throws -> FeatureScale {
        let engine = try await context().models.open("models/teacher", options: ModelOptions())
        let encoder = RewardEncoder(tokenizer: ToyTokenizer(), contextLength: 128, maxTokens: nil)
        return try await FeatureScale.measured(
            on: groups.flatMap { try $0.map { try encoder.encode($0) } }, seed: seed,
            microBatchTokens: microBatchTokens, engine: engine)
    }

    @Test func microBatchesChangeNothing() async throws {
        let groups = labelledGroups(0..<20)
        let whole = try await measured(groups, seed: 1, microBatchTokens: 100_000)
        #expect(whole.sum.mean < -5 && whole.sum.deviation > 1)
        #expect(try await measured(groups, seed: 1, microBatchTokens: 30) == whole)
        // All responses are read: nothing is drawn.
        #expect(try await measured(groups, seed: 2, microBatchTokens: 30) == whole)
    }

    @Test func aLargeSetIsMeasuredOnAPartThatTheSeedDetermines() async throws {
        let groups = labelledGroups(0..<200)
        #expect(groups.joined().count > FeatureScale.sampleSize)
        let once = try await measured(groups, seed: 1, microBatchTokens: 4096)
        #expect(try await measured(groups, seed: 1, microBatchTokens: 512) == once)
        let other = try await measured(groups, seed: 2, microBatchTokens: 4096)
        #expect(other != once)
        #expect(abs(other.sum.mean - once.sum.mean) < 0.2 * once.sum.deviation)
    }

    @Test func responsesWithoutWeightDoNotCount() async throws {
        var groups = labelledGroups(0..<20)
        let before = try await measured(groups, seed: 1, microBatchTokens: 4096)
        var odd = groups[0][0]
        odd.item.text = String(repeating: "z", count: 90)
        odd.weight = 0
        groups[0].append(odd)
        #expect(try await measured(groups, seed: 1, microBatchTokens: 4096) == before)
    }

    @Test func aModelSavedByAnEarlierVersionIsNamed() async throws {
        try await withFolder { folder in
            let text = #"{"version": 1, "settings": {}, "weights": {}}"#
            try Data(text.utf8).write(to: URL(filePath: "\(folder)/reward.json"))
            let item = labelledGroups(0..<1)[0][0].item
            let error = await #expect(throws: RefluxError.self) {
                try await LanguageModelReward.load(folder, context: context()).score([item])
            }
            #expect(error?.found == "version 1" && error?.wanted == "version 3")
        }
    }
}
