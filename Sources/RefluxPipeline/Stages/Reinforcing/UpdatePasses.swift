import Foundation
import RefluxCore

/// What the passes of one update need to know of each other, and the numbers they leave.
struct UpdatePasses {
    private let batch: RolloutBatch
    private let advantages: AdvantageBatch
    private let needsEntropy: Bool
    /// log pi of the policy before the update; filled by the first pass when it was not read before.
    private var old: [Float]
    private let hasOld: Bool
    private let sampled: [Float]
    private let importanceCap: Double?
    private var first = TokenReadings(offsets: [0], logProbabilities: [])
    private var passes = 0
    private var sums: [String: Double] = [:]

    /// Starts.
    ///
    /// - Parameters:
    ///   - batch: the rollouts.
    ///   - advantages: their advantages.
    ///   - needsEntropy: whether the loss reads entropies.
    ///   - hasOld: whether the batch holds the trainer's own old log-probabilities.
    ///   - sampled: the log-probabilities with which the tokens were drawn.
    ///   - importanceCap: the largest importance weight; `nil` for none.
    init(
        batch: RolloutBatch, advantages: AdvantageBatch, needsEntropy: Bool, hasOld: Bool,
        sampled: [Float], importanceCap: Double? = nil
    ) {
        self.batch = batch
        self.advantages = advantages
        self.needsEntropy = needsEntropy
        self.hasOld = hasOld
        self.sampled = sampled
        self.importanceCap = importanceCap
        old = hasOld ? batch.oldLogProbabilities : []
    }

    /// What the loss of a micro-batch depends on beside its readings.
    func inputs(of part: Range<Int>) -> PolicyLossInputs {
        let tokens = batch.offsets[part.lowerBound]..<batch.offsets[part.upperBound]
        return PolicyLossInputs(
            // In the first pass without an earlier reading, old is what is read now.
            old: hasOld || passes > 0 ? Array(old[tokens]) : nil,
            reference: slice(batch.referenceLogProbabilities, tokens),
            oldValues: slice(batch.values, tokens),
            advantages: slice(advantages.advantages, tokens),
            importance: importanceCap.map {
                ImportanceWeights(sampled: slice(sampled, tokens), cap: $0)
            },
            returns: slice(advantages.returns, tokens), needsEntropy: needsEntropy,
            totalTokens: batch.tokenCount, totalSequences: batch.sequenceCount)
    }

    /// Adds the share of a micro-batch.
    mutating func add(_ loss: PolicyLoss, readings: TokenReadings) {
        sums["loss", default: 0] += loss.value
        for (name, share) in loss.metrics { sums[name, default: 0] += share }
        guard passes == 0 else { return }
        if !hasOld { old += readings.logProbabilities }
        first.logProbabilities += readings.logProbabilities
        first.entropies += readings.entropies
    }

    /// Ends a pass over the batch.
    mutating func finishPass(gradientNorm: Double) {
        sums["gradient_norm", default: 0] += gradientNorm
        passes += 1
    }

    /// The numbers of the update: means over its passes, and what the first pass read.
    func metrics(reference: [Float]) -> [String: Double] {
        var metrics = sums.mapValues { $0 / Double(max(1, passes)) }
        let differences = zip(sampled, first.logProbabilities).map { abs(Double($0) - Double($1)) }
        metrics["sampler_trainer_difference"] = differences.max()
        metrics["sampler_trainer_difference_mean"] = mean(differences)
        if let importanceCap {
            let weights = ImportanceWeights(sampled: sampled, cap: importanceCap)
                .weights(old: hasOld ? batch.oldLogProbabilities : first.logProbabilities)
            metrics["importance_weight"] = mean(weights.map(Double.init))
            metrics["importance_capped"] = fraction(weights) { Double($0) >= importanceCap }
        }
        metrics["entropy"] = mean(first.entropies.map(Double.init))
        metrics["kl_reference"] = mean(
            zip(first.logProbabilities, reference).map { now, reference in
                // k3, the estimator that is never negative (Schulman, "Approximating KL divergence").
                let difference = Double(reference) - Double(now)
                return exp(difference) - 1 - difference
            })
        return metrics
    }

    private func slice(_ values: [Float], _ tokens: Range<Int>) -> [Float] {
        values.isEmpty ? [] : Array(values[tokens])
    }
}

/// What makes up for tokens that were drawn with other probabilities than the policy is read with:
/// min(pi_old / pi_sampler, cap) of each token.
struct ImportanceWeights: Sendable {
    /// log pi_sampler.
    let sampled: [Float]
    /// The largest weight.
    let cap: Double

    /// The weights, given log pi_old.
    func weights(old: [Float]) -> [Float] {
        zip(old, sampled).map { Float(min(cap, exp(Double($0) - Double($1)))) }
    }
}

/// Everything that the loss of one micro-batch depends on, but the readings.
struct PolicyLossInputs: Sendable {
    /// log pi_old; `nil` when it is what is read now.
    let old: [Float]?
    /// log pi_ref, or empty.
    let reference: [Float]
    /// V when the rollouts were made, or empty.
    let oldValues: [Float]
    /// A of each token.
    let advantages: [Float]
    /// What the advantages are multiplied by; `nil` for nothing.
    let importance: ImportanceWeights?
    /// The value targets, or empty.
    let returns: [Float]
    /// Whether the loss reads entropies.
    let needsEntropy: Bool
    /// Tokens of the whole update.
    let totalTokens: Int
    /// Sequences of the whole update.
    let totalSequences: Int

    /// The micro-batch as the optimizer wants it.
    func lossBatch(_ readings: TokenReadings) -> PolicyLossBatch {
        let old = old ?? readings.logProbabilities
        let weights = importance?.weights(old: old)
        return PolicyLossBatch(
            offsets: readings.offsets, logProbabilities: readings.logProbabilities,
            oldLogProbabilities: old,
            referenceLogProbabilities: reference, values: readings.headValues,
            oldValues: oldValues, entropies: needsEntropy ? readings.entropies : [],
            advantages: weights.map { zip(advantages, $0).map { $0 * $1 } } ?? advantages,
            returns: returns, totalTokens: totalTokens,
            totalSequences: totalSequences)
    }
}
