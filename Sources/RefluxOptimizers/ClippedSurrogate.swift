import Foundation
import RefluxCore

/// The clipped surrogate of one token.
///
/// With rho = pi / pi_old and C(rho) = clip(rho, 1 - low, 1 + high) the loss of a token with the
/// advantage A is -min(rho A, C(rho) A) (PPO: Schulman et al., arXiv 1707.06347, equation 7). Two
/// different bounds are DAPO's (arXiv 2503.14476). With a dual clip c > 1 a token with A < 0 loses
/// at most -c A (Ye et al., arXiv 1912.09729, equation 3), however large rho has become.
public struct ClippedSurrogate: Sendable, Equatable {
    /// How far rho may fall below 1.
    public var low: Double
    /// How far rho may rise above 1.
    public var high: Double
    /// The dual clip c, above 1, or `nil` for none.
    public var dual: Double?

    /// Makes a surrogate.
    public init(low: Double = 0.2, high: Double = 0.2, dual: Double? = nil) {
        self.low = low
        self.high = high
        self.dual = dual
    }

    /// Reads `clip_low`, `clip_high` and `dual_clip` (0 switches it off).
    init(_ reader: ConfigurationReader, dual defaultDual: Double) throws {
        low = try reader.double("clip_low", default: 0.2, in: 0...1)
        high = try reader.double("clip_high", default: 0.2, in: 0...100)
        let bound = try reader.double("dual_clip", default: defaultDual)
        guard bound == 0 || bound > 1 else {
            throw reader.wrong("dual_clip", wanted: "0 (off) or a number above 1")
        }
        dual = bound == 0 ? nil : bound
    }

    /// The loss of one token and what follows from it.
    struct Term: Equatable {
        /// The loss.
        var loss: Double
        /// d loss / d log pi.
        var derivative: Double
        /// Whether a bound decided the loss, so that the derivative is 0.
        var isClipped: Bool
    }

    /// The term of a token with the advantage `advantage` and log rho `logRatio`.
    func term(logRatio: Double, advantage: Double) -> Term {
        let ratio = exp(logRatio)
        let plain = ratio * advantage
        let bounded = min(max(ratio, 1 - low), 1 + high) * advantage
        if let dual, advantage < 0, min(plain, bounded) < dual * advantage {
            return Term(loss: -dual * advantage, derivative: 0, isClipped: true)
        }
        if bounded < plain { return Term(loss: -bounded, derivative: 0, isClipped: true) }
        return Term(loss: -plain, derivative: -plain, isClipped: false)
    }
}
