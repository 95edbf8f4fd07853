import Foundation

/// The learned scalars of a score beside the head: `z = head + bias + mean * a + sum * s + minimum * m`,
/// where a, s and m are the mean, the sum and the minimum of the log-probabilities, standardised by
/// ``FeatureScale``.
struct FeatureWeights: Sendable, Codable, Equatable {
    /// Added to every score.
    var bias: Double
    /// The weight of the mean of the log-probabilities.
    var mean: Double
    /// The weight of their sum.
    var sum: Double
    /// The weight of the smallest log-probability.
    var minimum: Double

    static let zero = FeatureWeights(bias: 0, mean: 0, sum: 0, minimum: 0)

    /// Where learning starts. Untrained log-probabilities of the teacher already rank the answers to
    /// a question well (a within-prompt AUC of .86 was measured), so the weights of mean and minimum
    /// start positive, and responses one deviation apart differ by half a logit a feature. The sum
    /// starts at 0, for it counts tokens before anything else; so does the head.
    static let initial = FeatureWeights(bias: 0, mean: 0.5, sum: 0, minimum: 0.5)

    static func + (a: FeatureWeights, b: FeatureWeights) -> FeatureWeights {
        a.zip(b, +)
    }

    /// The length of the vector.
    var norm: Double { (bias * bias + mean * mean + sum * sum + minimum * minimum).squareRoot() }

    /// Combines the numbers one by one.
    func zip(
        _ other: FeatureWeights, _ combine: (Double, Double) -> Double
    ) -> FeatureWeights {
        FeatureWeights(
            bias: combine(bias, other.bias), mean: combine(mean, other.mean),
            sum: combine(sum, other.sum), minimum: combine(minimum, other.minimum))
    }
}

/// The weights with the moments of Adam (Kingma and Ba, arXiv 1412.6980); they do not decay.
struct LearnedFeatureWeights: Sendable, Codable, Equatable {
    /// The weights of the standardised features.
    var weights = FeatureWeights.initial
    /// What standardises them; measured before training and never changed.
    var scale = FeatureScale.identity
    /// The moving mean of the gradient.
    var first = FeatureWeights.zero
    /// The moving mean of its square.
    var second = FeatureWeights.zero
    /// Updates so far.
    var step = 0

    /// The weights of the features as they are read, which ``ScoreReader`` takes.
    var raw: FeatureWeights { scale.raw(weights) }

    /// One step of Adam with the gradient clipped to a norm (0 does not clip). The engine clips the
    /// body's gradient by itself.
    mutating func update(
        _ gradient: FeatureWeights, learningRate: Double, beta1: Double, beta2: Double,
        epsilon: Double, maxNorm: Double
    ) {
        let scale = maxNorm > 0 && gradient.norm > maxNorm ? maxNorm / gradient.norm : 1
        step += 1
        first = first.zip(gradient) { beta1 * $0 + (1 - beta1) * scale * $1 }
        second = second.zip(gradient) { beta2 * $0 + (1 - beta2) * scale * scale * $1 * $1 }
        let correction1 = 1 - pow(beta1, Double(step))
        let correction2 = 1 - pow(beta2, Double(step))
        let direction = first.zip(second) { mean, square in
            (mean / correction1) / ((square / correction2).squareRoot() + epsilon)
        }
        weights = weights.zip(direction) { $0 - learningRate * $1 }
    }
}
