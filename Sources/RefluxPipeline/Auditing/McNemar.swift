import Foundation

/// McNemar's test of two systems on the same questions (McNemar 1947): only the questions that one of
/// them has right and the other wrong say anything about which is better.
package struct McNemar: Sendable, Equatable, Encodable {
    /// How the probability was found.
    package enum Method: String, Sendable, Codable {
        /// The exact two-sided binomial test; used below 25 discordant questions.
        case exactBinomial = "exact binomial"
        /// The chi-square statistic (|b - c| - 1)² / (b + c) with Edwards' continuity correction.
        case chiSquare = "chi-square with continuity correction"
    }

    /// The questions that only the first system has right: b.
    package let onlyFirst: Int
    /// The questions that only the second system has right: c.
    package let onlySecond: Int
    /// The method.
    package let method: Method
    /// The chi-square statistic with one degree of freedom; `nil` for the exact test.
    package let statistic: Double?
    /// The probability of a difference at least as large between equally good systems.
    package let probability: Double

    /// Carries out the test.
    init(onlyFirst b: Int, onlySecond c: Int) {
        onlyFirst = b
        onlySecond = c
        let discordant = b + c
        if discordant < 25 {
            method = .exactBinomial
            statistic = nil
            probability = Self.binomial(min(b, c), of: discordant)
        } else {
            method = .chiSquare
            let excess = Double(max(0, abs(b - c) - 1))
            let value = excess * excess / Double(discordant)
            statistic = value
            // A chi-square variable with one degree of freedom is the square of a normal one.
            probability = erfc((value / 2).squareRoot())
        }
    }

    /// Twice the probability of at most `smaller` heads in `count` throws, at most 1.
    private static func binomial(_ smaller: Int, of count: Int) -> Double {
        guard count > 0 else { return 1 }
        var term = pow(0.5, Double(count))
        var sum = term
        for k in 0..<smaller {
            term *= Double(count - k) / Double(k + 1)
            sum += term
        }
        return min(1, 2 * sum)
    }

    enum CodingKeys: String, CodingKey {
        case onlyFirst = "only_first_right"
        case onlySecond = "only_second_right"
        case method, statistic
        case probability = "p"
    }
}
