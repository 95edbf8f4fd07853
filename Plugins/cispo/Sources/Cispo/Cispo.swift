import Foundation
import RefluxPluginKit

/// CISPO (MiniMax-M1, arXiv 2506.13585): policy gradients whose importance weight
/// is clipped and not differentiated, so that every token keeps its gradient.
///
/// **Advantages.** Every token of a sequence has (R - mu) / (sigma + floor), with mu and the unbiased
/// sigma of the rewards of its group, as in GRPO.
///
/// **Loss.** With rho = pi / pi_old of a token and w = clip(rho, 1 - low, 1 + high), held constant:
/// the weighted sum over tokens of -w A log pi + beta k3(pi, pi_ref).
struct Cispo: PolicyOptimizer {
    static let about = About(
        id: "cispo", title: "CISPO",
        description: """
            Policy gradients with group-normalised advantages, whose importance weight is clipped \
            and held constant (MiniMax-M1, arXiv 2506.13585).
            """,
        settings: [
            .number(
                "clip_low", default: 1, in: 0...1,
                "how far the importance weight may fall below 1; 1 leaves it unbounded below"),
            .number(
                "clip_high", default: 1, in: 0...100,
                "how far the importance weight may rise above 1"),
            .number(
                "kl_coefficient", default: 0, in: 0...1000,
                "beta of k3, the divergence from the reference; 0 needs no reference"),
            .text(
                "aggregation", default: Aggregation.token.rawValue,
                oneOf: Aggregation.allCases.map(\.rawValue),
                "the mean over all tokens of the update, or over sequences of their token means"),
            .number(
                "deviation_floor", default: 0.1, in: 1e-9...1000,
                "added to sigma of a group, in units of reward"),
        ],
        stability: .stable)

    private let bounds: ClosedRange<Double>
    private let beta: Double
    private let aggregation: Aggregation
    private let floor: Double

    init(_ settings: Settings, host: HostInfo) throws {
        bounds = try 1 - settings.number("clip_low")...1 + settings.number("clip_high")
        beta = try settings.number("kl_coefficient")
        aggregation = try settings.choice("aggregation")
        floor = try settings.number("deviation_floor")
    }

    var needs: OptimizerNeeds { OptimizerNeeds(reference: beta > 0, stopsGradient: true) }

    func advantages(for batch: RolloutBatch, call: Call) -> Advantages {
        var advantages = batch.rewards
        for sequences in batch.sequencesByGroup {
            let group = GroupScale(sequences.map { batch.rewards[$0] })
            for sequence in sequences {
                advantages[sequence] =
                    (batch.rewards[sequence] - group.mean) / (group.deviation + floor)
            }
        }
        return Advantages(batch.perToken { advantages[$0] })
    }

    func loss(for batch: LossBatch, call: Call) -> Loss {
        let shares = aggregation.shares(of: batch)
        var loss = Loss(value: 0, byLogProbability: [])
        var clipped = 0
        var divergence = 0.0
        for token in batch.logProbabilities.indices {
            let now = Double(batch.logProbabilities[token])
            let ratio = exp(now - Double(batch.oldLogProbabilities[token]))
            let weight = min(max(ratio, bounds.lowerBound), bounds.upperBound)
            let slope = -weight * Double(batch.advantages[token])
            var term = slope * now
            var derivative = slope
            if beta > 0 {
                let ahead = Double(batch.referenceLogProbabilities[token]) - now
                let k3 = expm1(ahead) - ahead
                term += beta * k3
                derivative -= beta * expm1(ahead)
                divergence += shares[token] * k3
            }
            if weight != ratio { clipped += 1 }
            loss.value += shares[token] * term
            loss.byLogProbability.append(Float(shares[token] * derivative))
        }
        loss.metrics["clip_fraction"] = Double(clipped) / Double(max(1, batch.totalTokens))
        if beta > 0 { loss.metrics["kl"] = divergence }
        return loss
    }
}
