import RefluxCore

/// The loss of the value head: 1/2 max((V - ret)^2, (V_clip - ret)^2) with V_clip = clip(V, V_old -
/// range, V_old + range), averaged over the tokens of the update (as in the code of Ziegler et al.,
/// arXiv 1909.08593).
struct ValueLoss: Sendable, Equatable {
    /// How far V may move from V_old within one step; 0 does not clip.
    var range: Double

    /// A micro-batch's share of the loss and its derivative by V.
    func evaluate(_ batch: PolicyLossBatch) -> (value: Double, byValue: [Double]) {
        let weight = 1 / Double(max(1, batch.totalTokens))
        var sum = 0.0
        let derivatives = batch.values.indices.map { token in
            let term = term(
                value: Double(batch.values[token]), old: Double(batch.oldValues[token]),
                target: Double(batch.returns[token]))
            sum += weight * term.loss
            return weight * term.derivative
        }
        return (sum, derivatives)
    }

    /// The loss of one token and its derivative by V.
    func term(value: Double, old: Double, target: Double) -> (loss: Double, derivative: Double) {
        let error = value - target
        guard range > 0 else { return (0.5 * error * error, error) }
        let bounded = min(max(value, old - range), old + range)
        let boundedError = bounded - target
        if boundedError * boundedError > error * error {
            return (0.5 * boundedError * boundedError, 0)
        }
        return (0.5 * error * error, error)
    }
}
