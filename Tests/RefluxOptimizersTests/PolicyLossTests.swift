import Foundation
import RefluxCore
import RefluxTesting
import Testing

@testable import RefluxOptimizers

struct PolicyLossTests {
    /// log rho, A, then the loss and its derivative by hand.
    @Test(
        arguments: [
            (0.0, 2.0, -2.0, -2.0), (0.1, 1, -exp(0.1), -exp(0.1)), (0.5, 1, -1.2, 0),
            (-0.5, 1, -exp(-0.5), -exp(-0.5)), (-0.5, -1, 0.8, 0), (0.5, -1, exp(0.5), exp(0.5)),
            (2, -1, 3, 0), (50, -0.5, 1.5, 0), (1, 0, 0, 0),
        ])
    func clipsEachRegime(logRatio: Double, advantage: Double, loss: Double, derivative: Double) {
        let term = ClippedSurrogate(dual: 3).term(logRatio: logRatio, advantage: advantage)
        #expect(abs(term.loss - loss) < 1e-12)
        #expect(abs(term.derivative - derivative) < 1e-12)
        #expect(term.isClipped == (derivative == 0 && advantage != 0))
    }

    @Test func withoutADualClipTheLossGrowsWithTheRatio() {
        let term = ClippedSurrogate().term(logRatio: 2, advantage: -1)
        #expect(term.loss == exp(2) && term.derivative == exp(2) && !term.isClipped)
    }

    /// V, V_old, the target, then the loss and its derivative with a range of 0.2.
    @Test(
        arguments: [
            (1.0, 1.0, 0.0, 0.5, 1.0), (1.5, 1, 0, 1.125, 1.5), (0.5, 1, 0, 0.32, 0),
            (0.9, 1, 2, 0.605, -1.1),
        ])
    func clipsValues(value: Double, old: Double, target: Double, loss: Double, derivative: Double) {
        let term = ValueLoss(range: 0.2).term(value: value, old: old, target: target)
        #expect(abs(term.loss - loss) < 1e-12)
        #expect(abs(term.derivative - derivative) < 1e-12)
    }

    static let settings: [(use: String, keys: [String: ConfigurationValue])] = [
        ("ppo", [:]),
        ("ppo", ["kl": .string("in_loss"), "kl_coefficient": .number(0.3)]),
        ("ppo", ["entropy_coefficient": .number(0.1), "aggregation": .string("sequence")]),
        ("ppo", ["dual_clip": .integer(0), "value_clip": .integer(0), "clip_high": .number(0.28)]),
        ("ppo", ["kl_coefficient": .integer(0), "value_coefficient": .integer(2)]),
        ("grpo", [:]),
        ("grpo", ["aggregation": .string("token"), "kl_coefficient": .number(0.2)]),
        ("grpo", ["entropy_coefficient": .number(0.05), "dual_clip": .number(1.5)]),
    ]

    @Test(arguments: settings.indices)
    func keepsThePromisesOfAnOptimizer(case index: Int) throws {
        let (use, keys) = Self.settings[index]
        try PolicyOptimizerConformance.check(try makeOptimizer(use, keys), rounds: 12)
    }

    @Test func tellsWhenThePolicyHasMovedTooFar() throws {
        let batch = PolicyLossBatch(
            offsets: [0, 1], logProbabilities: [0], oldLogProbabilities: [-200], advantages: [-1],
            totalTokens: 1, totalSequences: 1)
        let optimizer = try makeOptimizer("grpo", ["kl_coefficient": .integer(0)])
        #expect {
            try optimizer.loss(for: batch)
        } throws: { ($0 as? RefluxError)?.kind == .numeric }
    }

    @Test func countsClippedTokensAndDivergences() throws {
        let batch = PolicyLossBatch(
            offsets: [0, 2], logProbabilities: [-1, -1], oldLogProbabilities: [-1, -1.5],
            referenceLogProbabilities: [-1, -2], advantages: [1, 1], totalTokens: 4,
            totalSequences: 2)
        let metrics = try makeOptimizer("grpo").loss(for: batch).metrics
        #expect(metrics["clip_fraction"] == 0.25)
        #expect(abs((metrics["approx_kl"] ?? 0) - (exp(0.5) - 1.5) / 4) < 1e-7)
        #expect(abs((metrics["kl_reference"] ?? 0) - exp(-1) / 4) < 1e-7)
    }
}
