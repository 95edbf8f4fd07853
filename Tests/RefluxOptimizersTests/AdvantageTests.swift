import RefluxCore
import RefluxOptimizers
import RefluxTesting
import Testing

struct AdvantageTests {
    /// Three tokens, R = 1, gamma 1/2, lambda 1/2, V = (0.2, 0.4, 0.6):
    /// delta_2 = 1 - 0.6 = 0.4; delta_1 = 0.5 * 0.6 - 0.4 = -0.1; delta_0 = 0.5 * 0.4 - 0.2 = 0;
    /// A_2 = 0.4; A_1 = -0.1 + 0.25 * 0.4 = 0; A_0 = 0 + 0.25 * 0 = 0.
    @Test func estimatesByHand() throws {
        let optimizer = try makeOptimizer(
            "ppo",
            [
                "discount": .number(0.5), "gae_lambda": .number(0.5),
                "advantages": .string("none"),
            ])
        let batch = try optimizer.advantages(
            for: rollouts(lengths: [3], groups: [0], rewards: [1], values: [0.2, 0.4, 0.6]))
        #expect(isClose(batch.advantages, [0, 0, 0.4]))
        #expect(isClose(batch.returns, [0.2, 0.4, 1]))
    }

    @Test func chargesTheDivergenceToEveryToken() throws {
        var rollouts = rollouts(lengths: [2], groups: [0], rewards: [1])
        rollouts.referenceLogProbabilities = [-1.5, -0.5]
        let keys: [String: ConfigurationValue] = [
            "gae_lambda": .integer(1), "advantages": .string("none"),
            "kl_coefficient": .number(0.1),
        ]
        let inReward = try makeOptimizer("ppo", keys).advantages(for: rollouts)
        // k1 = (0.5, -0.5): r = (-0.05, 0.05 + 1), A = (1, 1.05).
        #expect(isClose(inReward.advantages, [1, 1.05]))
        let inLoss = try makeOptimizer(
            "ppo", keys.merging(["kl": .string("in_loss")]) { $1 }
        ).advantages(for: rollouts)
        #expect(isClose(inLoss.advantages, [1, 1]))
    }

    @Test func whitensOverAllTokens() throws {
        let optimizer = try makeOptimizer("ppo")
        var generator = RolloutGenerator(seed: 3)
        let batch = try optimizer.advantages(for: generator.rollouts(groups: 8))
        let numbers = batch.advantages.map(Double.init)
        let mean = numbers.reduce(0, +) / Double(numbers.count)
        let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        #expect(abs(mean) < 1e-6)
        #expect(abs(squares / Double(numbers.count - 1) - 1) < 1e-5)
    }

    @Test(arguments: ["whiten", "scale", "none"])
    func leavesNoNumberThatIsNotFiniteWhereAllAreEqual(scaling: String) throws {
        let keys: [String: ConfigurationValue] = [
            "advantages": .string(scaling), "gae_lambda": .integer(1),
        ]
        let batch = try makeOptimizer("ppo", keys).advantages(
            for: rollouts(lengths: [2, 2], groups: [0, 0], rewards: [0.7, 0.7]))
        #expect(
            isClose(batch.advantages, [Double](repeating: scaling == "whiten" ? 0 : 0.7, count: 4)))
        #expect(batch.metrics["zero_variance_groups"] == 1)
    }

    @Test func subtractsTheGroupsMeanWhenAsked() throws {
        let keys: [String: ConfigurationValue] = [
            "group_baseline": .bool(true), "advantages": .string("none"), "gae_lambda": .integer(1),
        ]
        let batch = try makeOptimizer("ppo", keys).advantages(
            for: rollouts(lengths: [1, 2, 1], groups: [0, 0, 1], rewards: [1, 0, 1]))
        #expect(isClose(batch.advantages, [0.5, -0.5, -0.5, 0]))
    }

    @Test func comparesWithinTheGroup() throws {
        let batch = try makeOptimizer("grpo", ["deviation_floor": .number(0.5)]).advantages(
            for: rollouts(
                lengths: [1, 2, 1, 1, 0], groups: [0, 0, 1, 2, 2], rewards: [1, 0, 0.3, 0.5, 0.5]))
        // sigma of (1, 0) is sqrt(1/2); a group of one and a group of equals have no signal.
        let a = 0.5 / (0.5.squareRoot() + 0.5)
        #expect(isClose(batch.advantages, [a, -a, -a, 0, 0]))
        #expect(batch.metrics["zero_variance_groups"] == 2.0 / 3)
        #expect(abs((batch.metrics["reward_mean"] ?? 0) - 0.46) < 1e-12)
    }

    /// Scores of equally good answers differ by thousandths; the floor keeps them from counting.
    @Test func theFloorKeepsSmallDifferencesSmall() throws {
        let batch = rollouts(
            lengths: [1, 1, 1, 1], groups: [0, 0, 0, 0], rewards: [0.951, 0.954, 0.948, 0.951])
        let withFloor = try makeOptimizer("grpo").advantages(for: batch).advantages
        let without = try makeOptimizer(
            "grpo", ["deviation_floor": .number(1e-6)]
        ).advantages(for: batch).advantages
        #expect(withFloor.allSatisfy { abs($0) < 0.031 })
        #expect(without.contains { abs($0) > 1 })
        let clear = try makeOptimizer("grpo").advantages(
            for: rollouts(lengths: [1, 1], groups: [0, 0], rewards: [1, 0]))
        #expect(clear.advantages.allSatisfy { abs($0) > 0.6 })
    }

    @Test(arguments: ["ppo", "grpo"], [Double.nan, .infinity])
    func refusesRewardsThatAreNotFinite(use: String, reward: Double) throws {
        let optimizer = try makeOptimizer(use)
        let batch = rollouts(lengths: [1, 1], groups: [0, 0], rewards: [1, reward])
        #expect {
            try optimizer.advantages(for: batch)
        } throws: { error in
            (error as? RefluxError)?.kind == .numeric && "\(error)".contains("sequence 1")
        }
    }

    @Test(arguments: ["ppo", "grpo"])
    func refusesArraysThatDoNotFit(use: String) throws {
        let optimizer = try makeOptimizer(use)
        var batch = rollouts(lengths: [2, 1], groups: [0, 0], rewards: [1, 0])
        batch.offsets = [0, 3, 2]
        #expect(throws: RefluxError.self) { try optimizer.advantages(for: batch) }
        batch.offsets = [0, 2, 3]
        batch.groups = [0]
        #expect(throws: RefluxError.self) { try optimizer.advantages(for: batch) }
    }

    @Test func saysHowWellTheValuesExplainTheReturns() throws {
        let optimizer = try makeOptimizer("ppo", ["gae_lambda": .integer(1)])
        let right = try optimizer.advantages(
            for: rollouts(lengths: [1, 1], groups: [0, 1], rewards: [1, 0], values: [1, 0]))
        #expect(abs((right.metrics["explained_variance"] ?? 0) - 1) < 1e-6)
        let blind = try optimizer.advantages(
            for: rollouts(lengths: [1, 1], groups: [0, 1], rewards: [1, 0], values: [0.5, 0.5]))
        #expect(abs(blind.metrics["explained_variance"] ?? 1) < 1e-6)
    }
}
