public import RefluxCore

/// Random rollouts for tests of policy optimizers; the same seed gives the same rollouts.
public struct RolloutGenerator: Sendable {
    private var stream: RandomStream

    /// Makes a generator.
    public init(seed: UInt64) { stream = RandomKey(seed: seed, stage: .reinforce).stream }

    /// A uniform number in a range.
    public mutating func number(in range: ClosedRange<Float>) -> Float {
        Float.random(in: range, using: &stream)
    }

    /// Uniform numbers in a range.
    public mutating func numbers(_ count: Int, in range: ClosedRange<Float>) -> [Float] {
        (0..<count).map { _ in Float.random(in: range, using: &stream) }
    }

    /// A batch of groups with values and a reference. Some sequences are empty, some groups have
    /// one sequence only, some have equal rewards.
    public mutating func rollouts(groups count: Int = 4) -> RolloutBatch {
        var offsets = [0]
        var groups: [Int] = []
        var rewards: [Double] = []
        for group in 0..<count {
            let isConstant = group % 4 == 3
            for _ in 0..<(group % 3 == 2 ? 1 : 4) {
                offsets.append((offsets.last ?? 0) + Int.random(in: 0...5, using: &stream))
                groups.append(group)
                rewards.append(isConstant ? 0.5 : Double(number(in: 0...1)))
            }
        }
        let tokens = offsets.last ?? 0
        return RolloutBatch(
            offsets: offsets, groups: groups, rewards: rewards,
            oldLogProbabilities: numbers(tokens, in: -4 ... -0.1),
            referenceLogProbabilities: numbers(tokens, in: -4 ... -0.1),
            values: numbers(tokens, in: -1...1))
    }

    /// A whole update of these rollouts after the policy has moved by up to `distance` in log p.
    public mutating func update(
        of rollouts: RolloutBatch, advantages: AdvantageBatch, distance: Float
    ) -> PolicyLossBatch {
        let moves = numbers(rollouts.tokenCount, in: -distance...distance)
        let shifts = numbers(rollouts.tokenCount, in: -distance...distance)
        return PolicyLossBatch(
            offsets: rollouts.offsets,
            logProbabilities: zip(rollouts.oldLogProbabilities, moves).map { $0 + $1 },
            oldLogProbabilities: rollouts.oldLogProbabilities,
            referenceLogProbabilities: rollouts.referenceLogProbabilities,
            values: zip(rollouts.values, shifts).map { $0 + $1 }, oldValues: rollouts.values,
            entropies: numbers(rollouts.tokenCount, in: 0...3), advantages: advantages.advantages,
            returns: advantages.returns, totalTokens: rollouts.tokenCount,
            totalSequences: rollouts.sequenceCount)
    }
}

extension PolicyLossBatch {
    /// The micro-batch of some neighbouring sequences; the totals stay the update's.
    public func sequences(_ range: Range<Int>) -> PolicyLossBatch {
        let tokens = offsets[range.lowerBound]..<offsets[range.upperBound]
        func cut(_ numbers: [Float]) -> [Float] { numbers.isEmpty ? [] : Array(numbers[tokens]) }
        return PolicyLossBatch(
            offsets: offsets[range.lowerBound...range.upperBound].map { $0 - tokens.lowerBound },
            logProbabilities: cut(logProbabilities), oldLogProbabilities: cut(oldLogProbabilities),
            referenceLogProbabilities: cut(referenceLogProbabilities), values: cut(values),
            oldValues: cut(oldValues), entropies: cut(entropies), advantages: cut(advantages),
            returns: cut(returns), totalTokens: totalTokens, totalSequences: totalSequences)
    }
}
