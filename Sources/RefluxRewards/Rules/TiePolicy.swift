import RefluxCore

/// What a vote does when several answers share the most votes.
public enum TiePolicy: String, Sendable, CaseIterable {
    /// The prompt gets no label. Guessing among tied answers moved the accuracy of the labels by
    /// twelve points on GSM8K with four voters.
    case abstain
    /// One of them by the run's seed and the prompt's index, whatever the order of the responses.
    case random
    /// The one that was voted for first, in the order of the responses.
    case first
    /// The lowest: by value where all of them are numbers in decimal digits, else by Unicode
    /// scalars.
    case lowest

    /// Decides between tied answers.
    ///
    /// - Parameters:
    ///   - leaders: the tied answers, in the order of their first vote; at least one.
    ///   - seed: the run's seed.
    ///   - prompt: the index of the prompt.
    /// - Returns: the answer, or `nil` for none.
    func choose(among leaders: [String], seed: UInt64, prompt: Int) -> String? {
        guard leaders.count > 1 else { return leaders.first }
        switch self {
        case .abstain: return nil
        case .first: return leaders.first
        case .random:
            var stream = RandomKey(seed: seed, stage: .label, prompt: prompt).stream
            return leaders.sorted().randomElement(using: &stream)
        case .lowest: return lowest(of: leaders)
        }
    }

    private func lowest(of answers: [String]) -> String? {
        let byText = answers.sorted {
            $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
        }
        let numbers = byText.compactMap { answer in
            DecimalText(answer).map { (answer: answer, value: $0) }
        }
        guard numbers.count == answers.count else { return byText.first }
        // The first of equal ones: those that come first by their scalars.
        return numbers.min { $0.value < $1.value }?.answer
    }
}
