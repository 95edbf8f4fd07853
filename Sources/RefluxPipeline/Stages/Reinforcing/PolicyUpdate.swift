import RefluxCore
import Synchronization

/// One step's update of the policy: advantages, then one or more passes over the rollouts.
///
/// **Old log-probabilities** are the trainer's own and not the sampler's, so that the ratio of the
/// first pass is exactly 1. They cost nothing extra: a method with values has to read the policy
/// before the update anyway, and without values the first pass itself reads them. Only advantages
/// that are computed before that reading (a divergence in the reward of a method without values) see
/// the sampler's numbers, which differ by rounding; that difference is logged in every step.
///
/// **Importance weights.** Where rollouts were drawn in another arithmetic (`rollout_precision`), they are
/// off-policy from the first pass on. The advantage of a token is then multiplied by
/// min(pi_old / pi_sampler, `importance_cap`): truncated importance sampling (Espeholt et al., arXiv
/// 1802.01561, eq. 1, for the truncation).
struct PolicyUpdate: Sendable {
    /// The student.
    let policy: any LanguageModelEngine
    /// The student after the warm-up, frozen; `nil` when nobody wants its log-probabilities.
    let reference: (any LanguageModelEngine)?
    /// The method.
    let optimizer: any PolicyOptimizer
    /// The settings of the stage.
    let settings: ReinforceSettings

    /// Learns from rollouts with rewards.
    ///
    /// - Returns: named numbers of the update.
    /// - Throws: ``RefluxError`` of kind `numeric` for a loss that is not finite; the weights are
    ///   those before the failing pass then.
    func apply(_ rollouts: [Rollout], step: Int) async throws -> [String: Double] {
        let sequences = rollouts.map(\.sequence)
        let parts = microBatches(of: sequences, limit: settings.microBatchTokens)
        let references = try await read(reference, sequences, parts, TokenReading())
            .logProbabilities
        let before =
            optimizer.needsValues
            ? try await read(policy, sequences, parts, TokenReading(head: .beforeToken)) : nil
        let sampled = rollouts.flatMap(\.sampled.logProbabilities)
        let batch = RolloutBatch(
            offsets: Self.offsets(of: sequences), groups: Self.groups(of: rollouts),
            rewards: rollouts.map { $0.reward ?? 0 },
            oldLogProbabilities: before?.logProbabilities ?? sampled,
            referenceLogProbabilities: optimizer.needsReference ? references : [],
            values: before?.headValues ?? [])
        let advantages = try optimizer.advantages(for: batch)
        try Self.check(advantages, of: batch)
        var passes = UpdatePasses(
            batch: batch, advantages: advantages, needsEntropy: optimizer.needsEntropy,
            hasOld: before != nil, sampled: sampled, importanceCap: settings.importanceCap)
        for _ in 0..<max(1, optimizer.epochs) {
            for part in parts {
                try Task.checkCancellation()
                try await accumulate(Array(sequences[part]), part: part, into: &passes)
            }
            let report = try await policy.applyUpdate(
                settings.optimization.update(
                    at: step, of: settings.steps, headLearningRate: settings.valueLearningRate))
            passes.finishPass(gradientNorm: report.gradientNorm)
        }
        return advantages.metrics.merging(
            passes.metrics(reference: references)
        ) { $1 }
    }

    private func accumulate(
        _ sequences: [TokenSequence], part: Range<Int>, into passes: inout UpdatePasses
    ) async throws {
        let inputs = passes.inputs(of: part)
        let result = Mutex<PolicyLoss?>(nil)
        let optimizer = optimizer
        let readings = try await policy.accumulateGradient(
            of: sequences,
            reading: TokenReading(
                entropies: true, head: optimizer.needsValues ? .beforeToken : nil)
        ) { readings in
            let loss = try optimizer.loss(for: inputs.lossBatch(readings))
            try checkFinite(loss.value, "loss")
            result.withLock { $0 = loss }
            return TokenGradients(
                loss: loss.value, byLogProbability: loss.byLogProbability,
                byEntropy: loss.byEntropy, byHeadValue: loss.byValue)
        }
        guard let loss = result.withLock({ $0 }) else {
            throw RefluxError(.internalFault, found: "the engine did not ask for the loss")
        }
        passes.add(loss, readings: readings)
    }

    /// Reads all sequences, part by part, as if in one batch; nothing without an engine.
    private func read(
        _ engine: (any LanguageModelEngine)?, _ sequences: [TokenSequence],
        _ parts: [Range<Int>], _ reading: TokenReading
    ) async throws -> (logProbabilities: [Float], headValues: [Float]) {
        var all: (logProbabilities: [Float], headValues: [Float]) = ([], [])
        guard let engine else { return all }
        for part in parts {
            try Task.checkCancellation()
            let readings = try await engine.logProbabilities(
                of: Array(sequences[part]), reading: reading)
            all.logProbabilities += readings.logProbabilities
            all.headValues += readings.headValues
        }
        return all
    }

    /// Where each sequence's response tokens begin.
    private static func offsets(of sequences: [TokenSequence]) -> [Int] {
        sequences.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.responseCount) }
    }

    /// Groups numbered from 0 without gaps: some prompts of the step may have no rollouts left.
    private static func groups(of rollouts: [Rollout]) -> [Int] {
        var numbers: [Int: Int] = [:]
        return rollouts.map { rollout in
            if let number = numbers[rollout.group] { return number }
            let number = numbers.count
            numbers[rollout.group] = number
            return number
        }
    }

    private static func check(_ advantages: AdvantageBatch, of batch: RolloutBatch) throws {
        guard advantages.advantages.count == batch.tokenCount,
            advantages.returns.isEmpty || advantages.returns.count == batch.tokenCount
        else {
            throw RefluxError(
                .internalFault,
                found: "the policy optimizer gave \(advantages.advantages.count) advantages and "
                    + "\(advantages.returns.count) returns",
                wanted: "one for each of the \(batch.tokenCount) tokens")
        }
        for advantage in advantages.advantages { try checkFinite(Double(advantage), "advantage") }
    }
}
