import Foundation
import RefluxCore
import RefluxTesting
import Testing

@testable import RefluxRewards

struct ScoreFormTests {
    /// Every form of sums with every set of losses.
    static let recipes: [RewardSettings] = {
        let forms: [ScoreForm] = [
            .implicit(ImplicitScore(beta: 0.3)),
            .implicit(ImplicitScore(beta: 2, isLengthNormalised: true)),
            .verdict(VerdictPrompt()),
        ]
        let losses: [(Double, Double, Double)] = [
            (1, 0, 0), (0, 1, 0), (0.7, 0.5, 0), (1, 0.5, 1.5), (0, 0, 1),
        ]
        return forms.flatMap { form in
            losses.map { pairs, pointwise, languageModel in
                var settings = RewardSettings()
                settings.form = form
                (settings.pairs, settings.pointwise) = (pairs, pointwise)
                settings.languageModel = languageModel
                (settings.margin, settings.centre) = (0.3, 0.1)
                return settings
            }
        }
    }()

    private static let lengths = [3, 5, 1, 4, 2, 6, 1, 2]

    private static func targets(_ count: Int) -> RewardTargets {
        RewardTargets(
            items: zip(lengths, [1, 0, 0.8, 0.2, 0.5, 0.4, 1, 0.1]).prefix(count).map {
                RewardTargets.Item(
                    reward: $1, weight: 0.5 + Double($0) / 4, tokens: $0, offset: Double($0) / 7)
            },
            pairs: stride(from: 0, to: count, by: 2).map { .init(better: $0, worse: $0 + 1) })
    }

    @Test(arguments: recipes.indices)
    func derivativesAgreeWithFiniteDifferences(recipe: Int) throws {
        let settings = Self.recipes[recipe]
        let loss = RewardLoss(settings)
        let targets = Self.targets(Self.lengths.count / loss.reader.sequencesPerItem)
        let totals = RewardTargets.Totals([targets])
        var generator = RolloutGenerator(seed: UInt64(recipe))
        let offsets = Self.lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        let readings = TokenReadings(
            offsets: offsets, logProbabilities: generator.numbers(offsets[8], in: -3 ... -0.1))
        func evaluate(_ readings: TokenReadings, bias: Double = 0.2) -> RewardLoss.Result {
            let weights = FeatureWeights(bias: bias, mean: 0, sum: 0, minimum: 0)
            return loss.evaluate(readings, targets: targets, totals: totals, weights: weights)
        }
        let result = evaluate(readings)
        #expect(result.value > 0)
        let check = GradientCheck(step: 1e-3, absolute: 2e-6, relative: 1e-4)
        let gradients = result.tokenGradients
        try check.check(gradients.byLogProbability, at: readings.logProbabilities) { point in
            evaluate(TokenReadings(offsets: offsets, logProbabilities: point)).value
        }
        try check.check([Float(result.gradient.byWeights.bias)], at: [0.2]) {
            evaluate(readings, bias: Double($0[0])).value
        }
    }

    @Test func readsScoresByHand() {
        let readings = TokenReadings(offsets: [0, 3, 4], logProbabilities: [-1, -3, -2, -5])
        let weights = FeatureWeights(bias: 10, mean: 7, sum: 7, minimum: 7)
        func scores(_ form: ScoreForm) -> [[Double]] {
            var settings = RewardSettings()
            settings.form = form
            let reader = ItemReader(settings)
            return reader.items(of: readings).map {
                reader.logits(of: $0, in: readings, weights: weights, offset: 0.5)
            }
        }
        #expect(scores(.implicit(ImplicitScore(beta: 0.5))) == [[7.5], [8]])
        let normalised = ImplicitScore(beta: 0.5, isLengthNormalised: true)
        #expect(scores(.implicit(normalised)) == [[9.5], [8]])
        #expect(scores(.verdict(VerdictPrompt())) == [[9.5]])
    }

    /// Two responses, one accepted and one that counts a quarter: by hand.
    @Test func theVocabularyWideCrossEntropyIsThatOfTheRightVerdict() {
        var settings = RewardSettings.verdict
        (settings.pairs, settings.pointwise, settings.languageModel) = (0, 0, 1)
        let readings = TokenReadings(
            offsets: [0, 1, 2, 3, 4], logProbabilities: [-1, -2, -3, -4])
        let targets = RewardTargets(items: [
            .init(reward: 1, weight: 1, tokens: 1), .init(reward: 0.25, weight: 2, tokens: 1),
        ])
        let result = RewardLoss(settings).evaluate(
            readings, targets: targets, totals: RewardTargets.Totals([targets]), weights: .zero)
        #expect(abs(result.value - (1 + 2 * (0.25 * 3 + 0.75 * 4)) / 3) < 1e-12)
    }
}

struct VerdictPromptTests {
    private let prompt = Prompt(id: "p/7", index: 7, content: .text("2 + {response}?"))

    private func encoder(
        _ verdict: VerdictPrompt, contextLength: Int = 64, maxTokens: Int? = nil
    ) -> RewardEncoder {
        RewardEncoder(
            tokenizer: ToyTokenizer(), contextLength: contextLength, maxTokens: maxTokens,
            verdict: verdict)
    }

    private func verdict(_ template: String, _ change: (inout VerdictPrompt) -> Void = { _ in })
        -> VerdictPrompt
    {
        var verdict = VerdictPrompt()
        verdict.template = template
        verdict.form = .text
        change(&verdict)
        return verdict
    }

    @Test func putsBothTextsInAsTheyAre() {
        #expect(
            verdict("Q {prompt} A {response}!").question(prompt, response: "{prompt} 4")
                == "Q 2 + {response}? A {prompt} 4!")
    }

    @Test func asksForBothVerdictsAfterTheSameQuestion() throws {
        let item = ScoringItem(prompt: prompt, text: "4")
        let sequences = try encoder(verdict("{response}=")).encode(item)
        #expect(sequences.map(\.promptCount) == [2, 2])
        #expect(
            sequences.map { ToyTokenizer().decode($0.tokens, skipSpecial: false) } == [
                "4=Yes", "4=No",
            ])
        let chat = try encoder(verdict("{response}=") { $0.form = nil }).encode(item)
        #expect(
            ToyTokenizer().decode(chat[0].tokens, skipSpecial: false)
                == "user: 4=\nassistant:Yes")
    }

    @Test(arguments: [("Yes", "Ye"), ("", "No"), ("No", "No")])
    func refusesVerdictsThatCannotBeCompared(accept: String, reject: String) {
        let item = ScoringItem(prompt: prompt, text: "4")
        let verdict = verdict("{response}") { ($0.accept, $0.reject) = (accept, reject) }
        #expect(throws: RefluxError.self) { try encoder(verdict).encode(item) }
    }

    @Test func cutsResponsesOnlyWhereTheyMayBeCut() throws {
        let verdict = verdict("{response}|")
        let long = String(repeating: "ab", count: 20)
        func texts(_ encoder: RewardEncoder, finished: Bool) throws -> [String] {
            try encoder.encode(ScoringItem(prompt: prompt, text: long, finished: finished)).map {
                ToyTokenizer().decode($0.tokens, skipSpecial: false)
            }
        }
        // Room for 16 tokens less three of "Yes" and one of "|".
        let cut = ["abababababab|Yes", "abababababab|No"]
        #expect(try texts(encoder(verdict, contextLength: 16), finished: false) == cut)
        #expect(try texts(encoder(verdict, maxTokens: 16), finished: true) == cut)
        let error = #expect(throws: RefluxError.self) {
            try texts(encoder(verdict, contextLength: 16), finished: true)
        }
        #expect(error?.kind == .input && error?.description.contains("p/7") == true)
        let narrow = #expect(throws: RefluxError.self) {
            try texts(encoder(self.verdict("0123456789{response}"), maxTokens: 12), finished: true)
        }
        #expect(narrow?.description.contains("max_tokens") == true)
    }
}
