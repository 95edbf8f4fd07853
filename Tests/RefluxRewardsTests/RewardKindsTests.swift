import Foundation
import RefluxCore
import RefluxTesting
import Synchronization
import Testing

@testable import RefluxRewards

/// What every kind of trained reward model promises, made as a run file makes it.
struct RewardKindsTests {
    private let heldOut = labelledGroups(100..<130).flatMap(\.self)
    private var data: RewardTrainingData {
        RewardTrainingData(groups: labelledGroups(0..<30), seed: 5)
    }

    private static let brief: [String: ConfigurationValue] = [
        "batch_pairs": .integer(4), "learning_rate": .number(0.1), "warmup_steps": .integer(3),
        "micro_batch_tokens": .integer(120), "steps": .integer(12),
        "checkpoint_every": .integer(5),
    ]

    static let kinds: [String: [String: ConfigurationValue]] = [
        "pairwise": [:],
        "implicit": ["beta": .number(0.3)],
        "implicit alone": ["beta": .number(0.3), "reference": .bool(false)],
        "implicit by token": ["beta": .integer(3), "length_normalised": .bool(true)],
        "verdict": ["template": .string("{response}"), "form": .string("text")],
        "verdict by vocabulary": [
            "template": .string("{prompt}{response}"), "form": .string("text"),
            "language_model": .integer(1),
            "pairs": .integer(0), "pointwise": .integer(0),
        ],
        "ensemble": ["lambda": .number(0.5)],
    ]

    static let names = kinds.keys.sorted()

    private static func make(
        _ name: String, _ keys: [String: ConfigurationValue] = [:],
        _ context: BuildContext = context()
    ) throws -> any RewardModel {
        var registry = ExtensionRegistry()
        try registerRewardModels(in: &registry)
        let id = String(name.prefix { $0 != " " })
        var table = try #require(kinds[name])
        if id == "ensemble" {
            let members = ["pairwise", "implicit", "pairwise"].map { id in
                node(brief.merging(["use": .string(id)]) { $1 })
            }
            table["members"] = .list(members)
        } else {
            table.merge(brief) { $1 }
        }
        table["use"] = .string(id)
        if case .string? = keys["load"] { table = ["use": .string(id)] }
        return try registry.make(
            .rewardModel, from: try reader(table.merging(keys) { $1 }), context: context)
    }

    private static func node(_ keys: [String: ConfigurationValue]) -> ConfigurationNode {
        let place = SourceLocation(path: "run.yaml", line: 1, key: "reward.members")
        return ConfigurationNode(
            .table(
                keys.sorted { $0.key < $1.key }.map {
                    ConfigurationEntry($0.key, ConfigurationNode($0.value, at: place))
                }), at: place)
    }

    @Test(arguments: names)
    func keepsThePromisesOfARewardModel(kind: String) async throws {
        try await RewardModelConformance.check(data: data) {
            try Self.make(kind)
        } load: { folder in
            try Self.make(kind, ["load": .string(folder)])
        }
    }

    @Test(arguments: names)
    func fitsThatAreInterruptedAnywhereEndBitForBitAlike(kind: String) async throws {
        let items = heldOut.map(\.item)
        let whole = try Self.make(kind)
        try await whole.fit(data, checkpoint: nil, observer: .silent)
        let expected = try await whole.score(items)
        try await withFolder { folder in
            let data = data
            for _ in 0..<20 {
                // Every attempt is cancelled after seven steps of its own.
                let attempt = Task {
                    let steps = StepCount()
                    let model = try Self.make(kind)
                    try await model.fit(
                        data, checkpoint: folder,
                        observer: RunObserver(metrics: { _, _ in
                            if steps.next() == 7 { withUnsafeCurrentTask { $0?.cancel() } }
                        }))
                    return model
                }
                guard case .success(let model) = await attempt.result else { continue }
                let scores = try await model.score(items)
                #expect(scores == expected)
                return
            }
            Issue.record("twenty attempts did not end")
        }
    }

    @Test(arguments: names)
    func learnsToRankTheAnswersOfHeldOutPrompts(kind: String) async throws {
        let steps = kind == "ensemble" ? [:] : ["steps": ConfigurationValue.integer(60)]
        let model = try Self.make(kind, steps)
        func area() async throws -> Double {
            try areaWithin([heldOut], try await model.score(heldOut.map(\.item)))
        }
        let before = try await area()
        try await model.fit(data, checkpoint: nil, observer: .silent)
        let after = try await area()
        // Mean log-probabilities of good answers say much from the start.
        // A verdict of a bigram model knows no more than the last letter: .7 is what that is worth.
        #expect(before < 0.9)
        #expect(
            after > max(before, kind.hasPrefix("verdict") ? 0.6 : 0.8), "\(before) \(after)")
    }

    @Test(arguments: names)
    func microBatchesChangeNothingButRounding(kind: String) async throws {
        guard kind != "ensemble" else { return }
        let items = heldOut.map(\.item)
        var scores: [[Double]] = []
        for tokens in [1, 100_000] {
            let model = try Self.make(kind, ["micro_batch_tokens": .integer(tokens)])
            try await model.fit(data, checkpoint: nil, observer: .silent)
            scores.append(try await model.score(items))
        }
        #expect(zip(scores[0], scores[1]).allSatisfy { abs($0 - $1) < 1e-3 * (1 + abs($0)) })
    }

    @Test(arguments: ["implicit", "verdict"])
    func noEpochsLeaveTheBodyAsItIs(kind: String) async throws {
        let keys: [String: ConfigurationValue] = ["epochs": .integer(0), "reference": .bool(false)]
        var table = Self.kinds[kind] ?? [:]
        table.merge(keys.filter { kind == "implicit" || $0.key == "epochs" }) { $1 }
        if kind == "verdict" { (table["accept"], table["reject"]) = (.string("a"), .string("b")) }
        table["use"] = .string(kind)
        var registry = ExtensionRegistry()
        try registerRewardModels(in: &registry)
        var context = context()
        let models = OpeningLog(models: context.models)
        context.models = models
        let model = try registry.make(.rewardModel, from: reader(table), context: context)
        let before = try await model.score(heldOut.map(\.item))
        // Nothing that could be learnt is asked for either.
        let equal = [data.groups[0].filter { $0.reward == 1 }]
        try await model.fit(
            RewardTrainingData(groups: equal, seed: 1), checkpoint: nil, observer: .silent)
        #expect(try await model.score(heldOut.map(\.item)) == before)
        #expect(Set(before).count > 1)
        #expect(models.opened.withLock { $0 }.allSatisfy { !$0.trainable })
    }

    @Test func theUntrainedMeanLogProbabilityIsTheBodysOwn() async throws {
        var settings = RewardSettings.implicit
        settings.form = .implicit(
            ImplicitScore(beta: 1, reference: false, isLengthNormalised: true))
        let teacher = try await context().models.open("models/teacher", options: ModelOptions())
        let readings = try await teacher.logProbabilities(
            of: [TokenSequence(prompt: [112, 58], response: [97, 98, ToyTokenizer.end])],
            reading: TokenReading())
        let mean = readings.logProbabilities.reduce(0) { $0 + Double($1) } / 3
        let score = try await LanguageModelReward(settings: settings, context: context()).score([
            ScoringItem(prompt: Prompt(id: "p", index: 0, content: .text("p:")), text: "ab")
        ])
        #expect(abs(score[0] - mean) < 1e-12)
    }

    /// Against its own start a model says nothing; afterwards the start is held still and saved.
    @Test func theReferenceIsFrozenAndSaved() async throws {
        var context = context()
        let models = OpeningLog(models: context.models)
        context.models = models
        let model = try Self.make("implicit", [:], context)
        let items = heldOut.map(\.item)
        #expect(try await model.score(items).allSatisfy { $0 == 0 })
        try await model.fit(data, checkpoint: nil, observer: .silent)
        let scores = try await model.score(items)
        #expect(Set(scores).count > 50)
        #expect(models.opened.withLock { $0.map(\.trainable) } == [true, false, true, false])
        try await withFolder { folder in
            try await model.save(to: folder)
            models.opened.withLock { $0 = [] }
            let loaded = try Self.make("implicit", ["load": .string(folder)], context)
            #expect(try await loaded.score(items) == scores)
            let opened = models.opened.withLock { $0 }
            #expect(opened.map(\.path) == ["\(folder)/model", "\(folder)/reference"])
            #expect(opened.allSatisfy { !$0.trainable })
            // By hand: beta times the difference of the two folders' log-probabilities, and a bias.
            let saved = try SavedReward.read(from: folder)
            var sums: [Double] = []
            for path in opened.map(\.path) {
                let engine = try await models.open(path, options: ModelOptions())
                let encoder = RewardEncoder(
                    tokenizer: engine.tokenizer, contextLength: 128, maxTokens: nil)
                let readings = try await engine.logProbabilities(
                    of: try encoder.encode(items[0]), reading: TokenReading())
                sums.append(readings.logProbabilities.reduce(0) { $0 + Double($1) })
            }
            let score = saved.weights.bias + 0.3 * (sums[0] - sums[1])
            #expect(abs(score - scores[0]) < 1e-9)
        }
    }

    /// Bradley-Terry leaves a constant free; the centring takes it away.
    @Test func pairwiseScoresAreCentred() async throws {
        let items = data.groups.flatMap { $0.map(\.item) }
        var means: [Double] = []
        for centre in [0.0, 0.5] {
            let model = try Self.make(
                "pairwise", ["centre": .number(centre), "steps": .integer(60)])
            try await model.fit(data, checkpoint: nil, observer: .silent)
            means.append(FeatureScale.Spread(of: try await model.score(items)).mean)
        }
        #expect(abs(means[1]) < 0.3)
        #expect(abs(means[1]) <= abs(means[0]) + 1e-9)
    }
}

/// Counts the steps of one attempt.
private final class StepCount: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}

/// Notes how models are opened.
final class OpeningLog: LanguageModelProvider {
    let name = "log"
    let models: any LanguageModelProvider
    let opened = Mutex<[(path: String, trainable: Bool)]>([])

    init(models: any LanguageModelProvider) { self.models = models }

    func open(_ path: String, options: ModelOptions) async throws -> any LanguageModelEngine {
        opened.withLock { $0.append((path, options.trainable)) }
        return try await models.open(path, options: options)
    }
}
