/// A micro-batch of whole sequences with everything that a loss depends on.
public struct LossBatch: Sendable, Equatable {
    /// Where each sequence's tokens begin. `[sequences + 1]`
    public var offsets: [Int]
    /// log pi of the sampled tokens, now. `[tokens]`
    public var logProbabilities: [Float]
    /// log pi_old of the sampled tokens. `[tokens]`
    public var oldLogProbabilities: [Float]
    /// log pi_ref; empty unless needed. `[tokens]`
    public var referenceLogProbabilities: [Float]
    /// V, now; empty unless needed. `[tokens]`
    public var values: [Float]
    /// V when the rollouts were made; empty unless needed. `[tokens]`
    public var oldValues: [Float]
    /// The entropy of each token's distribution, now; empty unless needed. `[tokens]`
    public var entropies: [Float]
    /// A of each token. `[tokens]`
    public var advantages: [Float]
    /// The value targets; empty unless needed. `[tokens]`
    public var returns: [Float]
    /// Tokens of the whole update to which this micro-batch belongs: divide by it, not by the
    /// micro-batch's own count, so that accumulation does not change the result.
    public var totalTokens: Int
    /// Sequences of the whole update to which this micro-batch belongs.
    public var totalSequences: Int

    /// Makes a micro-batch.
    public init(
        offsets: [Int], logProbabilities: [Float], oldLogProbabilities: [Float],
        referenceLogProbabilities: [Float] = [], values: [Float] = [], oldValues: [Float] = [],
        entropies: [Float] = [], advantages: [Float], returns: [Float] = [], totalTokens: Int,
        totalSequences: Int
    ) {
        self.offsets = offsets
        self.logProbabilities = logProbabilities
        self.oldLogProbabilities = oldLogProbabilities
        self.referenceLogProbabilities = referenceLogProbabilities
        self.values = values
        self.oldValues = oldValues
        self.entropies = entropies
        self.advantages = advantages
        self.returns = returns
        self.totalTokens = totalTokens
        self.totalSequences = totalSequences
    }

    /// The number of sequences of the micro-batch.
    public var sequenceCount: Int { max(0, offsets.count - 1) }
    /// The number of tokens of the micro-batch.
    public var tokenCount: Int { logProbabilities.count }

    /// The indices of the tokens of a sequence.
    public func tokens(of sequence: Int) -> Range<Int> {
        offsets[sequence]..<offsets[sequence + 1]
    }
}

/// A loss and its derivatives by everything that it depends on.
public struct Loss: Sendable, Equatable {
    /// This micro-batch's share of the loss; the shares of an update add up to its loss.
    public var value: Double
    /// d loss / d log pi. `[tokens]`
    public var byLogProbability: [Float]
    /// d loss / d V; empty unless values are needed. `[tokens]`
    public var byValue: [Float]
    /// d loss / d entropy; empty unless entropies are needed. `[tokens]`
    public var byEntropy: [Float]
    /// Named numbers for the metrics file; like the loss, shares that add up over an update.
    public var metrics: [String: Double]

    /// Makes a loss.
    public init(
        value: Double, byLogProbability: [Float], byValue: [Float] = [], byEntropy: [Float] = [],
        metrics: [String: Double] = [:]
    ) {
        self.value = value
        self.byLogProbability = byLogProbability
        self.byValue = byValue
        self.byEntropy = byEntropy
        self.metrics = metrics
    }
}

/// What an optimizer needs besides log-probabilities.
public struct OptimizerNeeds: Sendable, Equatable {
    /// A value for every token (a value head on the policy).
    public var values: Bool
    /// The reference's log-probabilities.
    public var reference: Bool
    /// The entropy of every token's distribution, in the loss.
    public var entropy: Bool
    /// How often the rollouts of one step are gone through; at least 1.
    public var epochs: Int

    /// Whether the derivatives leave out a part of the loss on purpose (a stop-gradient), so that
    /// nobody compares them with finite differences.
    public var stopsGradient: Bool

    /// Makes needs; nothing and one epoch unless said otherwise.
    public init(
        values: Bool = false, reference: Bool = false, entropy: Bool = false, epochs: Int = 1,
        stopsGradient: Bool = false
    ) {
        self.stopsGradient = stopsGradient
        self.values = values
        self.reference = reference
        self.entropy = entropy
        self.epochs = epochs
    }
}
