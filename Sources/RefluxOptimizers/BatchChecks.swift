import RefluxCore

extension RolloutBatch {
    /// Refuses a batch whose arrays do not fit together or whose numbers are not finite.
    ///
    /// - Parameters:
    ///   - needsValues: whether the values are needed.
    ///   - needsReference: whether the reference's log-probabilities are needed.
    /// - Throws: ``RefluxError`` of kind `internalFault` or `numeric`.
    func check(values needsValues: Bool, reference needsReference: Bool) throws {
        try checkOffsets(offsets, tokens: oldLogProbabilities.count)
        try checkCount("rewards", rewards.count, offsets.count - 1)
        try checkCount("groups", groups.count, rewards.count)
        if needsValues { try checkCount("values", values.count, tokenCount) }
        if needsReference {
            try checkCount(
                "reference log-probabilities", referenceLogProbabilities.count, tokenCount)
        }
        if let bad = rewards.firstIndex(where: { !$0.isFinite }) {
            throw RefluxError(
                .numeric, found: "the reward of sequence \(bad) is \(rewards[bad])",
                wanted: "a finite reward",
                remedy: "Look for a rule or a reward model that yields numbers out of range.")
        }
        try checkFinite("log-probability", oldLogProbabilities)
        if needsValues { try checkFinite("value", values) }
        if needsReference {
            try checkFinite("reference log-probability", referenceLogProbabilities)
        }
    }
}

extension PolicyLossBatch {
    /// Refuses a micro-batch whose arrays do not fit together.
    func check(values needsValues: Bool, reference: Bool, entropy: Bool) throws {
        let tokens = logProbabilities.count
        try checkOffsets(offsets, tokens: tokens)
        try checkCount("old log-probabilities", oldLogProbabilities.count, tokens)
        try checkCount("advantages", advantages.count, tokens)
        if needsValues {
            try checkCount("values", values.count, tokens)
            try checkCount("old values", oldValues.count, tokens)
            try checkCount("returns", returns.count, tokens)
        }
        if reference || !referenceLogProbabilities.isEmpty {
            try checkCount("reference log-probabilities", referenceLogProbabilities.count, tokens)
        }
        if entropy || !entropies.isEmpty {
            try checkCount("entropies", entropies.count, tokens)
        }
        guard totalTokens >= tokens, totalSequences >= offsets.count - 1 else {
            throw RefluxError(
                .internalFault,
                found: "a micro-batch of \(tokens) tokens in an update of \(totalTokens)",
                wanted: "the totals of the whole update")
        }
    }
}

extension PolicyLoss {
    /// The loss itself, unless one of its numbers is not finite.
    func checked() throws -> PolicyLoss {
        let derivatives = [byLogProbability, byValue, byEntropy]
        guard value.isFinite, derivatives.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
            throw RefluxError(
                .numeric, found: "the policy's loss or its gradient is not finite (loss \(value))",
                wanted: "finite numbers",
                remedy: "Lower the learning rate or the number of epochs: the policy has moved too "
                    + "far from the one that drew the responses.")
        }
        return self
    }
}

private func checkOffsets(_ offsets: [Int], tokens: Int) throws {
    let rises = zip(offsets, offsets.dropFirst()).allSatisfy { $0 <= $1 }
    guard offsets.first == 0, offsets.last == tokens, rises else {
        throw RefluxError(
            .internalFault, found: "sequence offsets that do not divide \(tokens) tokens",
            wanted: "rising offsets from 0 to the number of tokens")
    }
}

private func checkCount(_ name: String, _ found: Int, _ wanted: Int) throws {
    guard found == wanted else {
        throw RefluxError(.internalFault, found: "\(found) \(name)", wanted: "\(wanted)")
    }
}

private func checkFinite(_ name: String, _ numbers: [Float]) throws {
    if let bad = numbers.firstIndex(where: { !$0.isFinite }) {
        throw RefluxError(
            .numeric, found: "the \(name) of token \(bad) is \(numbers[bad])",
            wanted: "a finite number")
    }
}
