/// The rollouts of one step. Per-token arrays are flat: sequence s owns `offsets[s]..<offsets[s+1]`.
public struct RolloutBatch: Sendable, Equatable {
    /// Where each sequence's tokens begin. `[sequences + 1]`
    public var offsets: [Int]
    /// The index of each sequence's group (its prompt), from 0. `[sequences]`
    public var groups: [Int]
    /// The reward of each sequence. `[sequences]`
    public var rewards: [Double]
    /// log pi_old of the sampled tokens. `[tokens]`
    public var oldLogProbabilities: [Float]
    /// log pi_ref of the sampled tokens; empty unless needed. `[tokens]`
    public var referenceLogProbabilities: [Float]
    /// V of the state before each token; empty unless needed. `[tokens]`
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
    public var tokenCount: Int { oldLogProbabilities.count }

    /// The indices of the tokens of a sequence.
    public func tokens(of sequence: Int) -> Range<Int> {
        offsets[sequence]..<offsets[sequence + 1]
    }

    /// The sequences of each group that occurs, in the order of the groups' indices.
    public var sequencesByGroup: [[Int]] {
        Dictionary(grouping: groups.indices) { groups[$0] }.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Gives every token a number of its sequence. `[tokens]`
    public func perToken(_ value: (Int) -> Double) -> [Float] {
        (0..<sequenceCount).flatMap { sequence in
            [Float](repeating: Float(value(sequence)), count: tokens(of: sequence).count)
        }
    }
}

/// Per-token advantages of one step.
public struct Advantages: Sendable, Equatable {
    /// A of each token. `[tokens]`
    public var advantages: [Float]
    /// The value target of each token; empty unless values are needed. `[tokens]`
    public var returns: [Float]
    /// Named numbers for the metrics file.
    public var metrics: [String: Double]

    /// Makes advantages.
    public init(_ advantages: [Float], returns: [Float] = [], metrics: [String: Double] = [:]) {
        self.advantages = advantages
        self.returns = returns
        self.metrics = metrics
    }
}
