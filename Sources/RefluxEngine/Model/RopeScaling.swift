import Foundation

/// How the frequencies of the rotary embedding are stretched for contexts longer than those of
/// pretraining. Only ways that do not depend on the length of a sequence.
enum RopeScaling: Sendable, Equatable {
    /// Not at all.
    case none
    /// All frequencies are divided by the factor (Chen et al., arXiv 2306.15595).
    case linear(factor: Double)
    /// Low frequencies are divided by the factor, high ones stay (Llama 3.1: Grattafiori et al.,
    /// arXiv 2407.21783).
    case llama3(Llama3)

    /// The numbers of Llama 3.1's scaling.
    struct Llama3: Sendable, Equatable {
        /// Divides frequencies whose wavelength is above `context / lowFactor`.
        var factor: Double
        var lowFactor: Double
        /// Frequencies whose wavelength is below `context / highFactor` stay as they are.
        var highFactor: Double
        /// The context of pretraining, in tokens.
        var context: Int
    }

    /// The frequency that takes the place of one, in radians a token. Between the two wavelengths of
    /// Llama 3.1 the two are mixed in proportion to `context / wavelength`.
    func scaled(_ frequency: Float) -> Float {
        switch self {
        case .none: return frequency
        case .linear(let factor): return frequency / Float(factor)
        case .llama3(let numbers):
            let turns = Float(Double(numbers.context) / (2 * Double.pi)) * frequency
            let (low, high) = (Float(numbers.lowFactor), Float(numbers.highFactor))
            if turns < low { return frequency / Float(numbers.factor) }
            if turns > high { return frequency }
            let share = (turns - low) / (high - low)
            return (1 - share) * frequency / Float(numbers.factor) + share * frequency
        }
    }
}
