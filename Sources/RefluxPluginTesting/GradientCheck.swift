public import RefluxPluginKit

extension MockOptimizer {
    /// d loss / d log pi by central differences: what ``RefluxPluginKit/Loss/byLogProbability`` has to
    /// be wherever the loss has a derivative.
    ///
    /// - Parameters:
    ///   - batch: where to differentiate, away from kinks.
    ///   - step: how far each log-probability is moved.
    /// - Returns: one number for each token.
    /// - Throws: ``MockHostError`` when a loss cannot be computed.
    public func differences(of batch: LossBatch, step: Float = 1e-2) throws -> [Double] {
        try batch.logProbabilities.indices.map { token in
            var above = batch
            var below = batch
            above.logProbabilities[token] += step
            below.logProbabilities[token] -= step
            let width =
                Double(above.logProbabilities[token]) - Double(below.logProbabilities[token])
            return try (loss(for: above).value - loss(for: below).value) / width
        }
    }
}
