import RefluxCore

/// Makes scores of sums of log-probabilities alone, and takes derivatives back the same way.
///
/// - `implicit`: one sequence a response; z = bias + beta Σ l + offset, or beta Σ l / n, where the
///   offset is what the reference has to say.
/// - `verdict`: two sequences a response, which end with the accepting and with the rejecting word;
///   z = bias + Σ l of the first - Σ l of the second.
struct SumReader: Sendable, Equatable {
    /// The implicit score, or `nil` for verdicts.
    var implicit: ImplicitScore?

    /// Sequences that the engine reads for one response.
    var sequencesPerItem: Int { implicit == nil ? 2 : 1 }

    /// The derivative of the score by the log-probabilities of a sequence with so many tokens.
    private func coefficient(_ place: Int, tokens: Int) -> Double {
        guard let implicit else { return place == 0 ? 1 : -1 }
        return implicit.isLengthNormalised ? implicit.beta / Double(max(tokens, 1)) : implicit.beta
    }

    /// What a model's log-probabilities of one response add to its score.
    ///
    /// - Parameters:
    ///   - sequences: the places of the response's sequences in the readings.
    ///   - readings: what was read.
    /// - Returns: the score without bias and reference.
    func sum(_ sequences: ArraySlice<Range<Int>>, in readings: TokenReadings) -> Double {
        sequences.enumerated().reduce(0) { total, sequence in
            let logs = readings.logProbabilities[sequence.element].reduce(0.0) { $0 + Double($1) }
            return total + coefficient(sequence.offset, tokens: sequence.element.count) * logs
        }
    }

    /// Adds the derivatives of a loss by what was read and by the bias.
    func addGradient(
        of derivative: Double, _ sequences: ArraySlice<Range<Int>>,
        to gradient: inout RewardGradient
    ) {
        gradient.byWeights.bias += derivative
        for (place, tokens) in sequences.enumerated() {
            let coefficient = coefficient(place, tokens: tokens.count)
            for token in tokens { gradient.byLogProbability[token] += derivative * coefficient }
        }
    }
}
