import RefluxCore
import RefluxTesting
import Testing

@testable import RefluxRewards

struct RewardConfigurationTests {
    private func make(_ keys: [String: ConfigurationValue]) throws -> LanguageModelReward {
        var registry = ExtensionRegistry()
        try registerRewardModels(in: &registry)
        let model = try registry.make(.rewardModel, from: try reader(keys), context: context())
        return try #require(model as? LanguageModelReward)
    }

    @Test func languageModelIsTheRecipeThatWasMeasured() async throws {
        let settings = try await make(["use": .string("language-model")]).settings
        #expect(settings == .languageModel)
        #expect(settings.body == "teacher" && settings.reading == .pooled && settings.steps == 150)
    }

    @Test func pointwiseIsThePapersRecipe() async throws {
        let settings = try await make(["use": .string("pointwise")]).settings
        #expect(settings == .pointwise)
        #expect(settings.pairs == 0 && settings.body == "student" && settings.features == [.hidden])
    }

    @Test func readsEveryKey() async throws {
        let settings = try await make([
            "use": .string("pointwise"), "body": .string("models/x"), "reading": .string("tokens"),
            "features": .list([
                ConfigurationNode(.string("logprobs"), at: SourceLocation(path: "run.yaml"))
            ]),
            "pairs": .number(0.5), "margin": .number(0.1), "centre": .number(0.01),
            "pointwise": .number(0.25), "language_model": .number(0.75), "epochs": .number(1.5),
            "batch_pairs": .integer(8), "learning_rate": .number(1e-4),
            "head_learning_rate": .number(1e-3), "feature_learning_rate": .number(2e-2),
            "warmup_steps": .integer(3), "shape": .string("linear"), "weight_decay": .integer(0),
            "max_gradient_norm": .number(0.5), "micro_batch_tokens": .integer(99),
            "max_tokens": .integer(77), "precision": .string("f32"),
            "checkpoint_every": .integer(11),
            "adapter": .table([
                ConfigurationEntry(
                    "rank",
                    ConfigurationNode(.integer(3), at: SourceLocation(path: "run.yaml")))
            ]),
        ]).settings
        var expected = RewardSettings.pointwise
        expected.body = "models/x"
        expected.reading = .tokens
        expected.features = [.logProbabilities]
        (expected.pairs, expected.margin, expected.centre) = (0.5, 0.1, 0.01)
        (expected.pointwise, expected.languageModel, expected.epochs) = (0.25, 0.75, 1.5)
        (expected.batchPairs, expected.learningRate) = (8, 1e-4)
        (expected.headLearningRate, expected.featureLearningRate) = (1e-3, 2e-2)
        (expected.warmupSteps, expected.shape, expected.weightDecay) = (3, .linear, 0)
        (expected.maxGradientNorm, expected.microBatchTokens) = (0.5, 99)
        (expected.maxTokens, expected.precision, expected.checkpointEvery) = (77, .float32, 11)
        expected.adapter = AdapterSettings(rank: 3, alpha: 6)
        #expect(settings == expected)
    }

    @Test(
        arguments: [
            (["features": .string("logprob")], "logprobs"), (["reading": .string("lst")], "last"),
            (["pairs": .integer(0), "pointwise": .integer(0)], "both losses"),
            (["steps": .integer(3), "epochs": .integer(1)], "either"),
            (["load": .string("saved"), "steps": .integer(3)], "steps"),
            (["learning_rat": .number(0.1)], "learning_rate"),
            (["features": .list([])], "at least"),
        ] as [([String: ConfigurationValue], String)])
    func refusesWrongSettings(keys: [String: ConfigurationValue], part: String) throws {
        #expect {
            try make(keys.merging(["use": .string("language-model")]) { $1 })
        } throws: { error in
            (error as? RefluxError)?.kind == .usage && "\(error)".contains(part)
        }
    }

    @Test func saysThatThereIsNoLocalTeacher() async throws {
        var context = context()
        context.roles = [:]
        let model = LanguageModelReward(context: context)
        let error = await #expect(throws: RefluxError.self) {
            try await model.score([labelledGroups(0..<1)[0][0].item])
        }
        #expect(error?.kind == .usage && error?.description.contains("teacher") == true)
    }
}

struct RewardBatchesTests {
    private func examples() throws -> [[RewardExample]] {
        let encoder = RewardEncoder(
            tokenizer: ToyTokenizer(), contextLength: 128, maxTokens: nil)
        return try labelledGroups(0..<10).map { try $0.map { try encoder.encode($0) } }
    }

    private func settings(pairs: Double) -> RewardSettings {
        var settings = RewardSettings()
        (settings.pairs, settings.batchPairs, settings.microBatchTokens) = (pairs, 4, 50)
        return settings
    }

    @Test func pairsAreOfOnePromptAndStayTogether() throws {
        var batches = try RewardBatches(try examples(), settings: settings(pairs: 1), seed: 2)
        for step in 0..<6 {
            let parts = batches.parts(step: step)
            #expect(parts.count > 1)
            #expect(parts.reduce(0) { $0 + $1.targets.pairs.count } == 4)
            for part in parts {
                #expect(part.sequences.reduce(0) { $0 + $1.tokens.count } <= 50)
                for pair in part.targets.pairs {
                    #expect(part.targets.items[pair.better].reward == 1)
                    #expect(part.targets.items[pair.worse].reward == 0)
                    let (a, b) = (part.sequences[pair.better], part.sequences[pair.worse])
                    #expect(a.tokens.prefix(a.promptCount) == b.tokens.prefix(b.promptCount))
                }
            }
        }
    }

    @Test func aBatchIsAFunctionOfSeedAndStep() throws {
        var inOrder = try RewardBatches(try examples(), settings: settings(pairs: 1), seed: 2)
        var alone = try RewardBatches(try examples(), settings: settings(pairs: 1), seed: 2)
        var other = try RewardBatches(try examples(), settings: settings(pairs: 1), seed: 3)
        let steps = (0..<7).map { inOrder.parts(step: $0).flatMap(\.sequences) }
        #expect(alone.parts(step: 5).flatMap(\.sequences) == steps[5])
        #expect(other.parts(step: 5).flatMap(\.sequences) != steps[5])
    }

    @Test func everyResponseComesOnceBeforeAnyComesAgain() throws {
        let examples = try examples()
        var batches = try RewardBatches(examples, settings: settings(pairs: 0), seed: 2)
        #expect(batches.count == 60 && batches.unitsPerStep == 8)
        #expect(batches.steps(epochs: 1) == 8)
        let first = (0..<8).flatMap { batches.parts(step: $0).flatMap(\.sequences) }.prefix(60)
        let all = examples.flatMap { $0.flatMap(\.sequences) }
        #expect(Set(first.map(\.tokens)) == Set(all.map(\.tokens)))
    }
}
