import Glibc
import RefluxPluginKit

/// The clipped surrogate with a divergence and an entropy bonus: `SurrogateLoss`, `ClippedSurrogate`,
/// `DivergenceEstimator` and `LossAggregation` of `RefluxOptimizers`, with their order of operations.
struct Surrogate {
    var low: Double
    var high: Double
    var dual: Double?
    var divergenceWeight: Double
    var entropyWeight: Double
    /// Whether tokens count the same, or else sequences.
    var isTokenMean: Bool

    func loss(of batch: LossBatch) -> Loss {
        let weights = weights(of: batch)
        var sums = Sums()
        let derivatives = weights.indices.map { token in
            Float(weights[token] * add(token, of: batch, weight: weights[token], to: &sums))
        }
        return Loss(
            value: sums.policy + divergenceWeight * sums.divergence - entropyWeight * sums.bonus,
            byLogProbability: derivatives,
            byEntropy: entropyWeight == 0 ? [] : weights.map { Float(-entropyWeight * $0) },
            metrics: sums.metrics(of: batch))
    }

    private func weights(of batch: LossBatch) -> [Double] {
        if isTokenMean {
            let weight = 1 / Double(max(1, batch.totalTokens))
            return [Double](repeating: weight, count: batch.tokenCount)
        }
        return (0..<batch.sequenceCount).flatMap { sequence in
            let length = batch.tokens(of: sequence).count
            let share = 1 / (Double(max(1, batch.totalSequences)) * Double(max(1, length)))
            return [Double](repeating: share, count: length)
        }
    }

    private func add(
        _ token: Int, of batch: LossBatch, weight: Double, to sums: inout Sums
    ) -> Double {
        let now = Double(batch.logProbabilities[token])
        let logRatio = now - Double(batch.oldLogProbabilities[token])
        let term = term(logRatio: logRatio, advantage: Double(batch.advantages[token]))
        var derivative = term.derivative
        sums.policy += weight * term.loss
        sums.clipped += term.isClipped ? 1 : 0
        sums.moved += k3(-logRatio)
        if !batch.referenceLogProbabilities.isEmpty {
            let k1 = now - Double(batch.referenceLogProbabilities[token])
            let estimate = k3(k1)
            sums.strayed += estimate
            if divergenceWeight != 0 {
                sums.divergence += weight * estimate
                derivative += divergenceWeight * -expm1(-k1)
            }
        }
        if !batch.entropies.isEmpty {
            sums.entropy += Double(batch.entropies[token])
            sums.bonus += weight * Double(batch.entropies[token])
        }
        return derivative
    }

    private func term(
        logRatio: Double, advantage: Double
    ) -> (loss: Double, derivative: Double, isClipped: Bool) {
        let ratio = exp(logRatio)
        let plain = ratio * advantage
        let bounded = min(max(ratio, 1 - low), 1 + high) * advantage
        if let dual, advantage < 0, min(plain, bounded) < dual * advantage {
            return (-dual * advantage, 0, true)
        }
        if bounded < plain { return (-bounded, 0, true) }
        return (-plain, -plain, false)
    }

    private func k3(_ k1: Double) -> Double { expm1(-k1) + k1 }

    private struct Sums {
        var policy = 0.0
        var divergence = 0.0
        var bonus = 0.0
        var clipped = 0.0
        var moved = 0.0
        var strayed = 0.0
        var entropy = 0.0

        func metrics(of batch: LossBatch) -> [String: Double] {
            let tokens = Double(max(1, batch.totalTokens))
            var metrics = [
                "policy_loss": policy, "clip_fraction": clipped / tokens,
                "approx_kl": moved / tokens,
            ]
            if !batch.referenceLogProbabilities.isEmpty {
                metrics["kl_reference"] = strayed / tokens
            }
            if !batch.entropies.isEmpty { metrics["entropy"] = entropy / tokens }
            return metrics
        }
    }
}
