/// The arithmetic of a policy-gradient method on plain arrays: it never sees a tensor.
///
/// Every such loss depends on the model only through the log-probabilities of the sampled tokens,
/// the values and the entropies. So an optimizer first turns rollouts into per-token advantages and
/// then, given new log-probabilities, returns the loss and its derivative by each of them; the
/// engine back-propagates those numbers.
///
/// **Who calls it.** The `reinforce` stage: ``advantages(for:)`` once a step with the whole batch,
/// ``loss(for:)`` once a micro-batch and epoch.
///
/// **The smallest conforming type** is REINFORCE without a baseline:
/// ```swift
/// struct Reinforce: PolicyOptimizer {
///     let name = "reinforce"
///     func advantages(for batch: RolloutBatch) -> AdvantageBatch {
///         AdvantageBatch(advantages: batch.perToken { batch.rewards[$0] }, returns: [])
///     }
///     func loss(for batch: PolicyLossBatch) -> PolicyLoss {
///         let n = Float(batch.totalTokens)
///         let terms = zip(batch.advantages, batch.logProbabilities)
///         return PolicyLoss(
///             value: Double(terms.reduce(0) { $0 - $1.0 * $1.1 } / n),
///             byLogProbability: batch.advantages.map { -$0 / n })
///     }
/// }
/// ```
///
/// **Cost.** A few operations a token; a step has thousands of tokens.
/// **Threads.** Called from one task at a time; keep no mutable state.
/// **Errors.** A throw ends the stage at its last checkpoint. Results must be finite.
public protocol PolicyOptimizer: Sendable {
    /// The method's name in metrics and reports.
    var name: String { get }
    /// Whether the method needs a value for every token (a value head on the policy).
    var needsValues: Bool { get }
    /// Whether the method needs the reference's log-probabilities.
    var needsReference: Bool { get }
    /// Whether the method needs the entropy of every token's distribution in the loss.
    var needsEntropy: Bool { get }
    /// How often the batch of one step is gone through.
    var epochs: Int { get }
    /// Whether the derivatives leave out a part of the loss on purpose (a stop-gradient), so that they
    /// cannot be compared with finite differences.
    var stopsGradient: Bool { get }

    /// Turns a batch of rollouts into per-token advantages and returns.
    func advantages(for batch: RolloutBatch) throws -> AdvantageBatch

    /// The loss of a micro-batch and its derivatives.
    func loss(for batch: PolicyLossBatch) throws -> PolicyLoss
}

extension PolicyOptimizer {
    /// No value head unless a method says so.
    public var needsValues: Bool { false }
    /// No reference unless a method says so.
    public var needsReference: Bool { false }
    /// No entropy unless a method says so.
    public var needsEntropy: Bool { false }
    /// Once, unless a method says otherwise.
    public var epochs: Int { 1 }
    /// The derivatives are those of the loss unless a method says otherwise.
    public var stopsGradient: Bool { false }
}

/// The rollouts of one step. Per-token arrays are flat: sequence s owns `offsets[s]..<offsets[s+1]`.
public struct RolloutBatch: Sendable {
    /// Where each sequence's tokens begin; count is sequences + 1.
    public var offsets: [Int]
    /// The index of each sequence's group (its prompt), from 0. `[sequences]`
    public var groups: [Int]
    /// The reward of each sequence. `[sequences]`
    public var rewards: [Double]
    /// log pi_old of the sampled tokens. `[tokens]`
    public var oldLogProbabilities: [Float]
    /// log pi_ref of the sampled tokens; empty when the method needs no reference. `[tokens]`
    public var referenceLogProbabilities: [Float]
    /// V of the state before each token; empty when the method needs no values. `[tokens]`
    public var values: [Float]

    /// Makes a batch.
    public init(
        offsets: [Int], groups: [Int], rewards: [Double], oldLogProbabilities: [Float],
        referenceLogProbabilities: [Float] = [], values: [Float] = []
    ) {
        self.offsets = offsets
        self.groups = groups
        self.rewards = rewards
        self.oldLogProbabilities = oldLogProbabilities
        self.referenceLogProbabilities = referenceLogProbabilities
        self.values = values
    }

    /// The number of sequences.
    public var sequenceCount: Int { rewards.count }
    /// The number of tokens.
    public var tokenCount: Int { offsets.last ?? 0 }

    /// Gives every token a number of its sequence.
    public func perToken(_ value: (Int) -> Double) -> [Float] {
        (0..<sequenceCount).flatMap { s in
            [Float](repeating: Float(value(s)), count: offsets[s + 1] - offsets[s])
        }
    }
}

/// Per-token advantages and returns of one step.
public struct AdvantageBatch: Sendable {
    /// A of each token. `[tokens]`
    public var advantages: [Float]
    /// The value target of each token; empty when the method has no values. `[tokens]`
    public var returns: [Float]
    /// Named numbers for the metrics file.
    public var metrics: [String: Double]

    /// Makes a batch of advantages.
    public init(advantages: [Float], returns: [Float], metrics: [String: Double] = [:]) {
        self.advantages = advantages
        self.returns = returns
        self.metrics = metrics
    }
}

/// A micro-batch of whole sequences with everything a loss depends on.
public struct PolicyLossBatch: Sendable {
    /// Where each sequence's tokens begin; count is sequences + 1.
    public var offsets: [Int]
    /// log pi of the sampled tokens, now. `[tokens]`
    public var logProbabilities: [Float]
    /// log pi_old of the sampled tokens. `[tokens]`
    public var oldLogProbabilities: [Float]
    /// log pi_ref, or empty. `[tokens]`
    public var referenceLogProbabilities: [Float]
    /// V, now, or empty. `[tokens]`
    public var values: [Float]
    /// V when the rollouts were made, or empty. `[tokens]`
    public var oldValues: [Float]
    /// The entropy of each token's distribution, now, or empty. `[tokens]`
    public var entropies: [Float]
    /// A of each token, times its importance weight where rollouts are drawn in another arithmetic
    /// than the policy is read in. `[tokens]`
    public var advantages: [Float]
    /// The value targets, or empty. `[tokens]`
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
}

/// A loss and its derivatives by everything it depends on.
public struct PolicyLoss: Sendable {
    /// This micro-batch's share of the loss; the shares of an update add up to its loss.
    public var value: Double
    /// d loss / d log pi. `[tokens]`
    public var byLogProbability: [Float]
    /// d loss / d V, or empty. `[tokens]`
    public var byValue: [Float]
    /// d loss / d entropy, or empty. `[tokens]`
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
