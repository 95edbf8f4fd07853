import Cispo
import Foundation
import RefluxPluginKit
import RefluxPluginTesting
import Testing

@Suite("CISPO") struct CispoTests {
    let host: MockHost

    init() throws {
        host = try MockHost(entry: refluxPluginEntry())
    }

    // Ratios: about 0.37, 1, 1.65, 7.4, 1.1, 0.6; two sequences of four and two tokens.
    private let batch = LossBatch(
        offsets: [0, 4, 6], logProbabilities: [-2, -1, -0.5, -1, -0.7, -3],
        oldLogProbabilities: [-1, -1, -1, -3, -0.8, -2.5],
        referenceLogProbabilities: [-1.5, -1, -0.9, -0.2, -1.7, -2],
        advantages: [1, 1, 1, 1, -0.5, -0.5], totalTokens: 10, totalSequences: 3)

    /// The loss with the weights of `batch` held fixed, as a function of the log-probabilities;
    /// written anew from the paper's formula.
    private func surrogate(
        _ logProbabilities: [Double], beta: Double, shares: [Double], bounds: ClosedRange<Double>
    ) -> Double {
        logProbabilities.indices.reduce(0) { sum, token in
            let moved =
                Double(batch.logProbabilities[token]) - Double(batch.oldLogProbabilities[token])
            let weight = min(max(exp(moved), bounds.lowerBound), bounds.upperBound)
            let ahead =
                Double(batch.referenceLogProbabilities[token]) - logProbabilities[token]
            return sum + shares[token]
                * (-weight * Double(batch.advantages[token]) * logProbabilities[token]
                    + beta * (exp(ahead) - ahead - 1))
        }
    }

    @Test(
        "the derivative is that of the loss with the importance weight held fixed",
        arguments: ["token", "sequence"], [0.0, 0.3])
    func derivative(aggregation: String, beta: Double) throws {
        let optimizer = try host.optimizer(
            "cispo",
            settings: [
                "clip_low": 0.5, "clip_high": 0.5, "kl_coefficient": .number(beta),
                "aggregation": .text(aggregation),
            ])
        let shares =
            aggregation == "token"
            ? [Double](repeating: 0.1, count: 6)
            : [Double](repeating: 1.0 / 12, count: 4) + [Double](repeating: 1.0 / 6, count: 2)
        let loss = try optimizer.loss(for: batch)
        let here = batch.logProbabilities.map { Double($0) }
        func value(_ point: [Double]) -> Double {
            surrogate(point, beta: beta, shares: shares, bounds: 0.5...1.5)
        }
        #expect(abs(loss.value - value(here)) < 1e-9)
        for token in here.indices {
            var above = here
            var below = here
            above[token] += 1e-5
            below[token] -= 1e-5
            let wanted = (value(above) - value(below)) / 2e-5
            #expect(abs(Double(loss.byLogProbability[token]) - wanted) < 1e-7)
        }
    }

    @Test("the weight itself is not differentiated: the loss moves otherwise than the derivative")
    func stopGradient() throws {
        let optimizer = try host.optimizer("cispo")
        let loss = try optimizer.loss(for: batch)
        let whole = try optimizer.differences(of: batch)
        #expect(abs(whole[2] - Double(loss.byLogProbability[2])) > 0.05)
    }

    @Test("a token beyond the bound keeps its gradient, unlike in PPO")
    func clipped() throws {
        let loss = try host.optimizer("cispo").loss(for: batch)
        #expect(abs(loss.byLogProbability[3] - -0.2) < 1e-6)
        #expect(abs((loss.metrics["clip_fraction"] ?? 0) - 0.1) < 1e-12)
    }

    @Test("advantages are normalised within each group; a group of one has none")
    func advantages() throws {
        let advantages = try host.optimizer("cispo").advantages(
            for: RolloutBatch(
                offsets: [0, 1, 3, 4, 5], groups: [1, 0, 1, 2], rewards: [1, 7, 0, 3],
                oldLogProbabilities: [-1, -1, -1, -1, -1]))
        let wanted = Float(0.5 / (0.5.squareRoot() + 0.1))
        #expect(abs(advantages.advantages[0] - wanted) < 1e-6)
        #expect(abs(advantages.advantages[3] + wanted) < 1e-6)
        #expect(advantages.advantages[1] == 0 && advantages.advantages[4] == 0)
    }

    @Test("a reference is needed for the divergence only")
    func needs() throws {
        #expect(try host.optimizer("cispo").needs == OptimizerNeeds(stopsGradient: true))
        #expect(
            try host.optimizer("cispo", settings: ["kl_coefficient": 0.1]).needs
                == OptimizerNeeds(reference: true, stopsGradient: true))
    }

    @Test(
        "an update in two micro-batches has the loss and metrics of one",
        arguments: ["token", "sequence"])
    func accumulation(aggregation: String) throws {
        let optimizer = try host.optimizer("cispo", settings: ["aggregation": .text(aggregation)])
        let first = LossBatch(
            offsets: [0, 4], logProbabilities: Array(batch.logProbabilities[..<4]),
            oldLogProbabilities: Array(batch.oldLogProbabilities[..<4]),
            advantages: Array(batch.advantages[..<4]), totalTokens: 10, totalSequences: 3)
        let second = LossBatch(
            offsets: [0, 2], logProbabilities: Array(batch.logProbabilities[4...]),
            oldLogProbabilities: Array(batch.oldLogProbabilities[4...]),
            advantages: Array(batch.advantages[4...]), totalTokens: 10, totalSequences: 3)
        let whole = try optimizer.loss(for: batch)
        let parts = [try optimizer.loss(for: first), try optimizer.loss(for: second)]
        #expect(abs(parts[0].value + parts[1].value - whole.value) < 1e-12)
        #expect(parts[0].byLogProbability + parts[1].byLogProbability == whole.byLogProbability)
        #expect(
            parts.reduce(0) { $0 + ($1.metrics["clip_fraction"] ?? 0) }
                == whole.metrics["clip_fraction"])
    }
}
