public import RefluxCore

/// How the losses of the tokens become one number.
public enum LossAggregation: String, Sendable, CaseIterable {
    /// The mean over sequences of the mean over each one's tokens (GRPO, arXiv 2402.03300): every
    /// sequence counts the same, so a token of a long one counts less.
    case sequence
    /// The mean over all tokens of the update (DAPO, arXiv 2503.14476): every token counts the same.
    case token

    /// The weight of every token of a micro-batch; over a whole update the weights sum to 1, less
    /// what empty sequences would have had. `[tokens]`
    public func weights(of batch: PolicyLossBatch) -> [Double] {
        switch self {
        case .token:
            let weight = 1 / Double(max(1, batch.totalTokens))
            return [Double](repeating: weight, count: batch.logProbabilities.count)
        case .sequence:
            return zip(batch.offsets, batch.offsets.dropFirst()).flatMap { start, end in
                let share = 1 / (Double(max(1, batch.totalSequences)) * Double(max(1, end - start)))
                return [Double](repeating: share, count: end - start)
            }
        }
    }
}
