/// What the score of a ``LanguageModelReward`` is made of.
public enum ScoreForm: Sendable, Codable, Equatable {
    /// A head over the body's hidden state and the body's standardised log-probabilities of the
    /// response, as ``RewardSettings/reading`` and ``RewardSettings/features`` say.
    case features
    /// The body's log-probabilities of the response alone.
    case implicit(ImplicitScore)
    /// The log-odds of one word against another where the body is asked for its verdict.
    case verdict(VerdictPrompt)
}

/// A score that is the log-probability of the response, or how far it lies above that under the
/// frozen initial body:
///
///     z = bias + beta Σ (log p - log p_ref)
///
/// The implicit reward of Rafailov et al. (arXiv 2305.18290) trained on outcomes as by Yuan et al.
/// (arXiv 2412.01981) and Cui et al. (PRIME, arXiv 2502.01456).
public struct ImplicitScore: Sendable, Codable, Equatable {
    /// What a nat is worth in logits.
    public var beta: Double
    /// Whether the initial body's log-probability is subtracted: the score of an untrained model is
    /// then 0 for every response. Two bodies are in memory, one of them frozen.
    public var reference: Bool
    /// Whether the mean over the tokens takes the place of the sum.
    public var isLengthNormalised: Bool

    /// Makes a form; the default has the papers' beta and their reference.
    public init(beta: Double = 0.05, reference: Bool = true, isLengthNormalised: Bool = false) {
        self.beta = beta
        self.reference = reference
        self.isLengthNormalised = isLengthNormalised
    }

    enum CodingKeys: String, CodingKey {
        case beta, reference
        case isLengthNormalised = "length_normalised"
    }
}
