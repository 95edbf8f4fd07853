import Foundation

/// The estimators of the divergence KL(p || q) from a token drawn from p (J. Schulman,
/// "Approximating KL divergence", 2020). Both take k1 = log p - log q of the drawn token.
enum DivergenceEstimator {
    /// k3 = exp(-k1) + k1 - 1: never negative, unbiased, of small variance.
    static func k3(_ k1: Double) -> Double { expm1(-k1) + k1 }

    /// d k3 / d k1 = 1 - exp(-k1).
    static func k3Derivative(_ k1: Double) -> Double { -expm1(-k1) }
}
