import Foundation
import RefluxCore
import RefluxTesting
import Testing

@testable import RefluxRewards

struct RewardLossTests {
    /// Every way to read a score, with every set of features and of losses.
    static let recipes: [RewardSettings] = {
        let losses: [(Double, Double, Double)] = [
            (1, 0, 0), (0, 1, 0), (0.7, 0.5, 0), (0, 0.3, 2), (1, 0.5, 1),
        ]
        let features: [[RewardSettings.Feature]] = [
            [.hidden], [.logProbabilities], [.hidden, .logProbabilities],
        ]
        return RewardSettings.Reading.allCases.flatMap { reading in
            features.flatMap { features in
                losses.map { pairs, pointwise, languageModel in
                    var settings = RewardSettings()
                    settings.reading = reading
                    settings.features = features
                    (settings.pairs, settings.pointwise) = (pairs, pointwise)
                    settings.languageModel = languageModel
                    settings.margin = 0.3
                    settings.centre = 0.1
                    return settings
                }
            }
        }
    }()

    static let lengths = [3, 5, 1, 4, 2, 6]
    static let weights = FeatureWeights(bias: 0.2, mean: -0.4, sum: 0.15, minimum: -0.3)
    static let targets = RewardTargets(
        items: zip(lengths, [1, 0, 0.8, 0.2, 0.5, 0.4]).map {
            RewardTargets.Item(reward: $1, weight: 0.5 + Double($0) / 4, tokens: $0)
        },
        pairs: [.init(better: 0, worse: 1), .init(better: 2, worse: 3), .init(better: 4, worse: 5)])

    private func readings(seed: UInt64) -> TokenReadings {
        var generator = RolloutGenerator(seed: seed)
        let offsets = Self.lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        return TokenReadings(
            offsets: offsets, logProbabilities: generator.numbers(offsets[6], in: -3 ... -0.1),
            headValues: generator.numbers(offsets[6], in: -1...1))
    }

    private func evaluate(
        _ settings: RewardSettings, _ readings: TokenReadings,
        weights: FeatureWeights = weights, targets: RewardTargets = targets
    ) -> RewardLoss.Result {
        RewardLoss(settings).evaluate(
            readings, targets: targets, totals: RewardTargets.Totals([Self.targets]),
            weights: weights)
    }

    @Test(arguments: recipes.indices)
    func derivativesAgreeWithFiniteDifferences(recipe: Int) throws {
        let settings = Self.recipes[recipe]
        let readings = readings(seed: UInt64(recipe))
        let result = evaluate(settings, readings)
        let gradients = result.tokenGradients
        let check = GradientCheck(step: 1e-3, absolute: 2e-6, relative: 1e-4)
        try check.check(gradients.byLogProbability, at: readings.logProbabilities) { point in
            var moved = readings
            moved.logProbabilities = point
            return evaluate(settings, moved).value
        }
        try check.check(gradients.byHeadValue, at: readings.headValues) { point in
            var moved = readings
            moved.headValues = point
            return evaluate(settings, moved).value
        }
        let weights = Self.weights
        let byWeights = result.gradient.byWeights
        try check.check(
            [byWeights.bias, byWeights.mean, byWeights.sum, byWeights.minimum].map { Float($0) },
            at: [weights.bias, weights.mean, weights.sum, weights.minimum].map { Float($0) }
        ) { point in
            let moved = FeatureWeights(
                bias: Double(point[0]), mean: Double(point[1]), sum: Double(point[2]),
                minimum: Double(point[3]))
            return evaluate(settings, readings, weights: moved).value
        }
    }

    @Test(arguments: RewardSettings.Reading.allCases)
    func sharesOfMicroBatchesAddUp(reading: RewardSettings.Reading) {
        var settings = RewardSettings()
        settings.reading = reading
        let whole = readings(seed: 1)
        let result = evaluate(settings, whole)
        let parts = (0..<3).map { part in
            let tokens = whole.offsets[2 * part]..<whole.offsets[2 * part + 2]
            return evaluate(
                settings,
                TokenReadings(
                    offsets: whole.offsets[2 * part...2 * part + 2].map { $0 - tokens.lowerBound },
                    logProbabilities: Array(whole.logProbabilities[tokens]),
                    headValues: Array(whole.headValues[tokens])),
                targets: RewardTargets(
                    items: Array(Self.targets.items[2 * part..<2 * part + 2]),
                    pairs: [.init(better: 0, worse: 1)]))
        }
        #expect(abs(parts.reduce(0) { $0 + $1.value } - result.value) < 1e-12)
        for (name, value) in result.metrics {
            #expect(abs(parts.reduce(0) { $0 + ($1.metrics[name] ?? 0) } - value) < 1e-12)
        }
        let derivatives = parts.flatMap(\.gradient.byLogProbability)
        #expect(
            zip(derivatives, result.gradient.byLogProbability).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    /// One pair with z+ = 1 and z- = 0.5, and a doubtful third response with z = 0: by hand.
    @Test func knowsTheLossesByHand() {
        var settings = RewardSettings()
        settings.reading = .last
        settings.features = [.hidden]
        (settings.pairs, settings.pointwise, settings.languageModel) = (1, 1, 1)
        settings.centre = 0.5
        let readings = TokenReadings(
            offsets: [0, 2, 3, 4], logProbabilities: [-1, -2, -3, -4], headValues: [9, 1, 0.5, 0])
        let targets = RewardTargets(
            items: [
                .init(reward: 1, weight: 1, tokens: 2), .init(reward: 0, weight: 1, tokens: 1),
                .init(reward: 0.5, weight: 1, tokens: 1),
            ],
            pairs: [.init(better: 0, worse: 1)])
        let metrics = RewardLoss(settings).evaluate(
            readings, targets: targets, totals: RewardTargets.Totals([targets]), weights: .zero
        ).metrics
        let pair = log(1 + exp(-0.5)) + 0.5 * 1.5 * 1.5
        let pointwise = (log(1 + exp(-1)) + log(1 + exp(0.5)) + log(2)) / 3
        #expect(abs((metrics["pair_loss"] ?? 0) - pair) < 1e-12)
        #expect(abs((metrics["pointwise_loss"] ?? 0) - pointwise) < 1e-12)
        // The rejected response is left out, the doubtful one counts half: (3 + 4 / 2) / (2 + 1 / 2).
        #expect(abs((metrics["language_model_loss"] ?? 0) - 2) < 1e-12)
        #expect(metrics["pair_accuracy"] == 1)
    }

    @Test func staysFiniteAtExtremeScores() {
        var settings = RewardSettings()
        settings.features = [.hidden]
        let readings = TokenReadings(
            offsets: [0, 1, 2], logProbabilities: [-1, -1], headValues: [-1e4, 1e4])
        let targets = RewardTargets(
            items: [
                .init(reward: 1, weight: 1, tokens: 1), .init(reward: 0, weight: 1, tokens: 1),
            ],
            pairs: [.init(better: 0, worse: 1)])
        let result = RewardLoss(settings).evaluate(
            readings, targets: targets, totals: RewardTargets.Totals([targets]), weights: .zero)
        #expect(abs(result.value - (2e4 + 0.5 * 1e4 + 1)) < 1e-6)
        #expect(result.gradient.byHeadValue.allSatisfy { $0.isFinite })
    }
}

struct ScoreReaderTests {
    private let readings = TokenReadings(
        offsets: [0, 3], logProbabilities: [-1, -3, -2], headValues: [1, 2, 6])
    private let weights = FeatureWeights(bias: 10, mean: 1000, sum: 1, minimum: 100)

    @Test(
        arguments: [
            (RewardSettings.Reading.last, [10 + 6 - 2000 - 6 - 300]),
            (.pooled, [10 + 3 - 2000 - 6 - 300]),
            (
                .tokens,
                [
                    10 + 1 - 1000 - 1 - 100, 10 + 2 - 2000 - 4 - 300, 10 + 6 - 2000 - 6 - 300,
                ]
            ),
        ] as [(RewardSettings.Reading, [Double])])
    func readsScoresByHand(reading: RewardSettings.Reading, logits: [Double]) {
        let reader = ScoreReader(reading: reading, usesHidden: true, usesLogProbabilities: true)
        #expect(reader.logits(of: 0..<3, in: readings, weights: weights) == logits)
    }

    @Test(arguments: RewardSettings.Reading.allCases)
    func aResponseWithoutTokensScoresTheBias(reading: RewardSettings.Reading) {
        let reader = ScoreReader(reading: reading, usesHidden: true, usesLogProbabilities: true)
        #expect(reader.logits(of: 0..<0, in: readings, weights: weights) == [10])
        var gradient = RewardGradient(zerosFor: readings)
        reader.addGradient(
            of: [2], tokens: 0..<0, in: readings, weights: weights, to: &gradient)
        #expect(gradient.byWeights == FeatureWeights(bias: 2, mean: 0, sum: 0, minimum: 0))
        #expect(gradient.byHeadValue == [0, 0, 0])
    }
}
