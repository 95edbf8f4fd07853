import RefluxCore

/// The part of the loss that PPO and GRPO share: the clipped surrogate, a divergence from the
/// reference and an entropy bonus, for every token
///
///     w (surrogate + divergenceWeight k3 - entropyWeight H)
///
/// with k1 = log pi - log pi_ref in k3, and w by the aggregation.
struct SurrogateLoss: Sendable, Equatable {
    /// The surrogate of a token.
    var clip: ClippedSurrogate
    /// The weights of the tokens.
    var aggregation: LossAggregation
    /// beta of k3 in the loss; 0 leaves it out.
    var divergenceWeight: Double
    /// The weight of the entropy bonus; 0 leaves it out.
    var entropyWeight: Double

    /// The loss of a micro-batch that was checked, with the metrics `policy_loss` (its share of the
    /// loss) and, as token means, `clip_fraction`, `approx_kl` (k3 of KL(pi_old || pi)) and, where
    /// known, `kl_reference` (k3 of KL(pi || pi_ref)) and `entropy`.
    func evaluate(_ batch: PolicyLossBatch) -> PolicyLoss {
        let weights = aggregation.weights(of: batch)
        var sums = Sums()
        var byLogProbability = [Float](repeating: 0, count: weights.count)
        for token in weights.indices {
            byLogProbability[token] = Float(
                weights[token] * add(token, of: batch, weight: weights[token], to: &sums))
        }
        return PolicyLoss(
            value: sums.policy + divergenceWeight * sums.divergence - entropyWeight * sums.bonus,
            byLogProbability: byLogProbability,
            byEntropy: entropyWeight == 0 ? [] : weights.map { Float(-entropyWeight * $0) },
            metrics: sums.metrics(of: batch))
    }

    /// Adds a token's terms to the sums.
    ///
    /// - Returns: the derivative of the token's loss by its log-probability, before the weight.
    private func add(
        _ token: Int, of batch: PolicyLossBatch, weight: Double, to sums: inout Sums
    ) -> Double {
        let now = Double(batch.logProbabilities[token])
        let logRatio = now - Double(batch.oldLogProbabilities[token])
        let term = clip.term(logRatio: logRatio, advantage: Double(batch.advantages[token]))
        var derivative = term.derivative
        sums.policy += weight * term.loss
        sums.clipped += term.isClipped ? 1 : 0
        sums.moved += DivergenceEstimator.k3(-logRatio)
        if !batch.referenceLogProbabilities.isEmpty {
            let k1 = now - Double(batch.referenceLogProbabilities[token])
            let k3 = DivergenceEstimator.k3(k1)
            sums.strayed += k3
            if divergenceWeight != 0 {
                sums.divergence += weight * k3
                derivative += divergenceWeight * DivergenceEstimator.k3Derivative(k1)
            }
        }
        if !batch.entropies.isEmpty {
            sums.entropy += Double(batch.entropies[token])
            sums.bonus += weight * Double(batch.entropies[token])
        }
        return derivative
    }

    /// What is added up over the tokens: weighted sums for the loss, plain ones for the metrics.
    private struct Sums {
        var policy = 0.0
        var divergence = 0.0
        var bonus = 0.0
        var clipped = 0.0
        var moved = 0.0
        var strayed = 0.0
        var entropy = 0.0

        func metrics(of batch: PolicyLossBatch) -> [String: Double] {
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
