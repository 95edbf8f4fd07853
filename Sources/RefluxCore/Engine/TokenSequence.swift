/// A prompt and a response as tokens.
public struct TokenSequence: Sendable, Equatable {
    /// Prompt tokens, then response tokens.
    public var tokens: [Int32]
    /// How many of them are the prompt; at least 1.
    public var promptCount: Int

    /// Makes a sequence.
    public init(prompt: [Int32], response: [Int32]) {
        tokens = prompt + response
        promptCount = prompt.count
    }

    /// The number of response tokens.
    public var responseCount: Int { tokens.count - promptCount }
}

/// What to read of a batch beside the log-probabilities.
public struct TokenReading: Sendable, Equatable {
    /// Which hidden state the head reads for a response token.
    public enum HeadPosition: String, Sendable, Codable {
        /// The state before the token, which predicts it: value heads.
        case beforeToken
        /// The state after the token was read: reward heads.
        case afterToken
    }

    /// Whether entropies are wanted.
    public var entropies: Bool
    /// Whether head values are wanted, and of which state.
    public var head: HeadPosition?

    /// Makes a reading; by default only log-probabilities.
    public init(entropies: Bool = false, head: HeadPosition? = nil) {
        self.entropies = entropies
        self.head = head
    }
}

/// What was read, flat over the response tokens of the batch.
public struct TokenReadings: Sendable, Equatable {
    /// Where each sequence's response tokens begin; count is sequences + 1.
    public var offsets: [Int]
    /// log p of each response token given all before it. `[tokens]`
    public var logProbabilities: [Float]
    /// The entropy of the distribution each token was drawn from, in nats; empty if not asked for.
    public var entropies: [Float]
    /// The head's value for each token; empty if not asked for. `[tokens]`
    public var headValues: [Float]

    /// Makes readings.
    public init(
        offsets: [Int], logProbabilities: [Float], entropies: [Float] = [], headValues: [Float] = []
    ) {
        self.offsets = offsets
        self.logProbabilities = logProbabilities
        self.entropies = entropies
        self.headValues = headValues
    }
}

/// The derivatives of a loss by what was read. Arrays are as long as the readings', or empty.
public struct TokenGradients: Sendable, Equatable {
    /// The loss, for the check that it is finite.
    public var loss: Double
    /// d loss / d log p. `[tokens]`
    public var byLogProbability: [Float]
    /// d loss / d entropy, or empty. `[tokens]`
    public var byEntropy: [Float]
    /// d loss / d head value, or empty. `[tokens]`
    public var byHeadValue: [Float]

    /// Makes derivatives.
    public init(
        loss: Double, byLogProbability: [Float], byEntropy: [Float] = [], byHeadValue: [Float] = []
    ) {
        self.loss = loss
        self.byLogProbability = byLogProbability
        self.byEntropy = byEntropy
        self.byHeadValue = byHeadValue
    }
}
