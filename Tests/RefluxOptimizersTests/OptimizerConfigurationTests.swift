import RefluxCore
import RefluxOptimizers
import Testing

struct OptimizerConfigurationTests {
    @Test func hasThePapersMethodAndItsNeeds() throws {
        let ppo = try makeOptimizer("ppo")
        #expect(ppo.name == "ppo" && ppo.needsValues && ppo.needsReference && !ppo.needsEntropy)
        let grpo = try makeOptimizer("grpo", ["kl_coefficient": .integer(0)])
        #expect(grpo.name == "grpo" && !grpo.needsValues && !grpo.needsReference)
        #expect(try makeOptimizer("grpo", ["entropy_coefficient": .number(0.01)]).needsEntropy)
        #expect(try makeOptimizer("ppo", ["epochs": .integer(4)]).epochs == 4)
    }

    @Test(
        arguments: [
            ("ppo", "clip_lo", ConfigurationValue.number(0.2), "clip_low"),
            ("ppo", "clip_low", .number(1.5), "from 0"),
            ("ppo", "dual_clip", .number(0.5), "above 1"),
            ("ppo", "kl", .string("in_los"), "in_loss"), ("grpo", "epochs", .integer(0), "from 1"),
            ("grpo", "deviation_floor", .integer(0), "from"),
            ("grpo", "gae_lambda", .number(0.9), "unknown key"),
            ("grpo", "aggregation", .string("tokens"), "token"),
        ])
    func refusesWrongKeysAndValues(
        use: String, key: String, value: ConfigurationValue, part: String
    ) throws {
        #expect {
            try makeOptimizer(use, [key: value])
        } throws: { error in
            (error as? RefluxError)?.kind == .usage && "\(error)".contains(part)
        }
    }
}
