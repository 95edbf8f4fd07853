public import RefluxCore

/// Checks that an optimizer keeps the promises of ``PolicyOptimizer``: derivatives that agree with
/// finite differences, shares of micro-batches that add up, arrays of the right length, finite
/// numbers.
public enum PolicyOptimizerConformance {
    /// Checks an optimizer on random rollouts.
    ///
    /// - Parameters:
    ///   - optimizer: the optimizer.
    ///   - rounds: how many batches to draw.
    ///   - seed: which ones.
    ///   - kinks: how many derivatives of a batch may disagree because a finite difference reaches
    ///     across a kink of the loss (a clip); a wrong derivative disagrees far more often.
    /// - Throws: ``ConformanceFailure``, or what the optimizer throws.
    public static func check(
        _ optimizer: any PolicyOptimizer, rounds: Int = 20, seed: UInt64 = 1, kinks: Int = 2
    ) throws {
        try require(!optimizer.name.isEmpty, "An optimizer has a name", found: "it is empty")
        try require(
            optimizer.epochs >= 1, "A batch is gone through at least once",
            found: "epochs is \(optimizer.epochs)")
        try checkEmptyBatch(optimizer)
        for round in 0..<rounds {
            var generator = RolloutGenerator(seed: seed &+ UInt64(round))
            let rollouts = generator.rollouts()
            let advantages = try checkAdvantages(of: rollouts, by: optimizer)
            let distance: Float = round % 2 == 0 ? 0.1 : 1
            let batch = generator.update(
                of: rollouts, advantages: advantages, distance: distance)
            let loss = try checkLoss(of: batch, by: optimizer)
            try checkShares(of: batch, whole: loss, by: optimizer)
            try checkDerivatives(of: batch, loss: loss, by: optimizer, kinks: kinks)
        }
    }

    private static func checkEmptyBatch(_ optimizer: any PolicyOptimizer) throws {
        let empty = RolloutBatch(offsets: [0], groups: [], rewards: [], oldLogProbabilities: [])
        let advantages = try optimizer.advantages(for: empty)
        try require(
            advantages.advantages.isEmpty, "A batch without sequences has no advantages",
            found: "there are \(advantages.advantages.count)")
    }

    private static func checkAdvantages(
        of rollouts: RolloutBatch, by optimizer: any PolicyOptimizer
    ) throws -> AdvantageBatch {
        let batch = try optimizer.advantages(for: rollouts)
        try require(
            batch.advantages.count == rollouts.tokenCount, "Every token has an advantage",
            found: "there are \(batch.advantages.count) for \(rollouts.tokenCount) tokens")
        let returns = optimizer.needsValues ? rollouts.tokenCount : 0
        try require(
            batch.returns.count == returns || (returns == 0 && batch.returns.isEmpty),
            "Every token has a return where there are values",
            found: "there are \(batch.returns.count) for \(rollouts.tokenCount) tokens")
        try require(
            (batch.advantages + batch.returns).allSatisfy(\.isFinite)
                && batch.metrics.values.allSatisfy(\.isFinite),
            "Advantages, returns and metrics are finite", found: "one is not")
        return batch
    }

    private static func checkLoss(
        of batch: PolicyLossBatch, by optimizer: any PolicyOptimizer
    ) throws -> PolicyLoss {
        let loss = try optimizer.loss(for: batch)
        let tokens = batch.logProbabilities.count
        let counts = [loss.byLogProbability.count, loss.byValue.count, loss.byEntropy.count]
        try require(
            counts[0] == tokens && counts.allSatisfy { $0 == tokens || $0 == 0 },
            "Derivatives are given for every token", found: "there are \(counts) for \(tokens)")
        let derivatives = loss.byLogProbability + loss.byValue + loss.byEntropy
        try require(
            loss.value.isFinite && derivatives.allSatisfy(\.isFinite)
                && loss.metrics.values.allSatisfy(\.isFinite),
            "The loss, its derivatives and metrics are finite", found: "one is not")
        return loss
    }

    private static func checkShares(
        of batch: PolicyLossBatch, whole: PolicyLoss, by optimizer: any PolicyOptimizer
    ) throws {
        let middle = (batch.offsets.count - 1) / 2
        let parts = try [0..<middle, middle..<batch.offsets.count - 1].map {
            try optimizer.loss(for: batch.sequences($0))
        }
        let sum = parts.reduce(0) { $0 + $1.value }
        try require(
            isClose(sum, whole.value), "The shares of micro-batches add up to the loss",
            found: "\(parts.map(\.value)) do not add up to \(whole.value)")
        for (name, value) in whole.metrics {
            let sum = parts.reduce(0) { $0 + ($1.metrics[name] ?? 0) }
            try require(
                isClose(sum, value), "The shares of the metric \(name) add up",
                found: "they add up to \(sum), not \(value)")
        }
        let derivatives = parts.flatMap(\.byLogProbability)
        try require(
            zip(derivatives, whole.byLogProbability).allSatisfy {
                isClose(Double($0), Double($1))
            },
            "Micro-batches have the derivatives of the whole batch", found: "they differ")
    }

    private static func checkDerivatives(
        of batch: PolicyLossBatch, loss: PolicyLoss, by optimizer: any PolicyOptimizer, kinks: Int
    ) throws {
        guard !optimizer.stopsGradient else { return }
        try checkDerivative(
            "log-probability", loss.byLogProbability, at: batch.logProbabilities, kinks: kinks
        ) { point in
            var moved = batch
            moved.logProbabilities = point
            return try optimizer.loss(for: moved).value
        }
        if optimizer.needsValues {
            try checkDerivative("value", loss.byValue, at: batch.values, kinks: kinks) { point in
                var moved = batch
                moved.values = point
                return try optimizer.loss(for: moved).value
            }
        }
        if optimizer.needsEntropy {
            try checkDerivative("entropy", loss.byEntropy, at: batch.entropies, kinks: 0) { point in
                var moved = batch
                moved.entropies = point
                return try optimizer.loss(for: moved).value
            }
        }
    }

    /// Checks one kind of derivative; an absent array stands for zeros.
    private static func checkDerivative(
        _ name: String, _ gradient: [Float], at point: [Float], kinks: Int,
        of function: ([Float]) throws -> Double
    ) throws {
        let gradient = gradient.isEmpty ? point.map { _ in 0 } : gradient
        var wrong: [String] = []
        for index in point.indices {
            do {
                try GradientCheck(step: 1e-3, absolute: 1e-5, relative: 2e-3)
                    .check(gradient, at: point, skip: { $0 != index }, of: function)
            } catch let failure as ConformanceFailure {
                wrong.append(failure.found)
            }
        }
        try require(
            wrong.count <= kinks, "Derivatives by \(name) agree with finite differences",
            found: wrong.joined(separator: "; "))
    }

    private static func isClose(_ a: Double, _ b: Double) -> Bool {
        abs(a - b) <= 1e-9 + 1e-5 * max(abs(a), abs(b))
    }
}
