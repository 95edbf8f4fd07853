import RefluxPluginKit

/// How the losses of the tokens become one number.
enum Aggregation: String, CaseIterable {
    /// The mean over all tokens of the update, as in the paper.
    case token
    /// The mean over sequences of the mean over each one's tokens, as in GRPO.
    case sequence

    /// The share of every token of a micro-batch in the loss of the whole update. `[tokens]`
    func shares(of batch: LossBatch) -> [Double] {
        switch self {
        case .token:
            return [Double](
                repeating: 1 / Double(max(1, batch.totalTokens)), count: batch.tokenCount)
        case .sequence:
            let sequence = 1 / Double(max(1, batch.totalSequences))
            return (0..<batch.sequenceCount).flatMap { index in
                let count = batch.tokens(of: index).count
                return [Double](repeating: sequence / Double(max(1, count)), count: count)
            }
        }
    }
}
