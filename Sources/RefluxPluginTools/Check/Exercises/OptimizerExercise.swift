import RefluxCore
import RefluxPluginHost
import RefluxTesting

/// What the checker does with policy optimizers.
struct OptimizerExercise: Exercise {
    private let seed: UInt64
    private let batches: [RolloutBatch]

    init(seed: UInt64) {
        self.seed = seed
        var generator = RolloutGenerator(seed: seed)
        batches =
            (0..<8).map { _ in generator.rollouts() }
            + [Self.oneToken, Self.ragged, Self.constant]
    }

    var inputCount: Int { batches.count }

    func make(_ bench: Bench) throws -> any PolicyOptimizer {
        try bench.runtime.makeOptimizer(bench.request)
    }

    func output(of input: Int, from optimizer: any PolicyOptimizer) async throws -> String {
        let (advantages, loss) = try step(batches[input], number: input, by: optimizer)
        return [
            bits(advantages.advantages), bits(advantages.returns), bits(advantages.metrics),
            bits(loss.value), bits(loss.byLogProbability), bits(loss.byValue),
            bits(loss.byEntropy), bits(loss.metrics),
        ].joined(separator: "; ")
    }

    func longCall(_ optimizer: any PolicyOptimizer) async throws {
        let batch = Self.batch(lengths: [Int](repeating: 256, count: 64), groupSize: 8)
        for number in 0..<100 {
            try Task.checkCancellation()
            _ = try step(batch, number: number, by: optimizer)
        }
    }

    var behaviours: [Behaviour<any PolicyOptimizer>] {
        [
            Behaviour("ordinary", "random rollouts give finite numbers for every token") {
                optimizer, _ in
                for number in 0..<4 { _ = try step(batches[number], number: number, by: optimizer) }
            },
            Behaviour("empty-batch", "a batch without sequences has no advantages") {
                optimizer, bench in
                let empty = Self.batch(lengths: [], groupSize: 1)
                try await allowingRefusal {
                    let count = try optimizer.advantages(for: empty).advantages.count
                    guard count == 0 else {
                        throw bench.failure(
                            "call.result", found: "\(count) advantages", wanted: "none",
                            remedy: "Give one for each token.", item: "empty batch")
                    }
                }
            },
            Behaviour("one-token", "a batch of one token is computed") { optimizer, _ in
                _ = try step(Self.oneToken, number: 0, by: optimizer)
            },
            Behaviour("ragged", "sequences of very different lengths, some empty, are computed") {
                optimizer, _ in
                _ = try step(Self.ragged, number: 1, by: optimizer)
            },
            Behaviour("zero-advantages", "equal rewards and zero advantages give finite numbers") {
                optimizer, _ in
                var (_, batch) = try micro(Self.constant, number: 2, by: optimizer)
                batch.advantages = batch.advantages.map { _ in 0 }
                _ = try optimizer.loss(for: batch)
            },
            Behaviour("not-finite", "NaN and infinities are refused or survived") {
                optimizer, _ in
                try Self.notFinite(batches[0], by: optimizer)
            },
            Behaviour("derivatives", "derivatives agree with finite differences, shares add up") {
                optimizer, bench in
                try await conforming(bench, "behaviour.derivatives") {
                    try PolicyOptimizerConformance.check(optimizer, rounds: 5, seed: seed)
                }
            },
        ]
    }

    private static let oneToken = batch(lengths: [1], groupSize: 1)
    private static let ragged = batch(lengths: [0, 1, 700, 0, 3, 64, 1, 2], groupSize: 4)
    private static let constant = batch(lengths: [3, 3, 3, 3], groupSize: 4, reward: { _ in 0.5 })

    private static func batch(
        lengths: [Int], groupSize: Int, reward: (Int) -> Double = { Double($0 % 3) / 2 }
    ) -> RolloutBatch {
        let offsets = lengths.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
        let tokens = offsets.last ?? 0
        return RolloutBatch(
            offsets: offsets, groups: lengths.indices.map { $0 / groupSize },
            rewards: lengths.indices.map(reward),
            oldLogProbabilities: (0..<tokens).map { -0.1 - Float($0 % 7) / 4 },
            referenceLogProbabilities: (0..<tokens).map { -0.2 - Float($0 % 5) / 4 },
            values: (0..<tokens).map { Float($0 % 9) / 9 })
    }

    private func micro(_ rollouts: RolloutBatch, number: Int, by optimizer: any PolicyOptimizer)
        throws -> (AdvantageBatch, PolicyLossBatch)
    {
        let advantages = try optimizer.advantages(for: Self.needed(rollouts, by: optimizer))
        var generator = RolloutGenerator(seed: seed &+ UInt64(number))
        var batch = generator.update(of: rollouts, advantages: advantages, distance: 0.2)
        if !optimizer.needsReference { batch.referenceLogProbabilities = [] }
        if !optimizer.needsValues { (batch.values, batch.oldValues) = ([], []) }
        if !optimizer.needsEntropy { batch.entropies = [] }
        return (advantages, batch)
    }

    private func step(_ rollouts: RolloutBatch, number: Int, by optimizer: any PolicyOptimizer)
        throws -> (AdvantageBatch, PolicyLoss)
    {
        let (advantages, batch) = try micro(rollouts, number: number, by: optimizer)
        return (advantages, try optimizer.loss(for: batch))
    }

    private static func needed(_ rollouts: RolloutBatch, by optimizer: any PolicyOptimizer)
        -> RolloutBatch
    {
        var rollouts = rollouts
        if !optimizer.needsReference { rollouts.referenceLogProbabilities = [] }
        if !optimizer.needsValues { rollouts.values = [] }
        return rollouts
    }

    /// Numbers that are not finite, one place at a time. An error is right; so are finite numbers.
    private static func notFinite(_ rollouts: RolloutBatch, by optimizer: any PolicyOptimizer)
        throws
    {
        for wrong in [Float.nan, .infinity, -.infinity] {
            var changed = needed(rollouts, by: optimizer)
            changed.rewards[0] = Double(wrong)
            if !changed.oldLogProbabilities.isEmpty { changed.oldLogProbabilities[0] = wrong }
            if !changed.values.isEmpty { changed.values[0] = wrong }
            do {
                _ = try optimizer.advantages(for: changed)
            } catch let error as RefluxError
                where ["call.status", "call.result"].contains(error.check)
            {
                continue
            }
        }
    }
}
