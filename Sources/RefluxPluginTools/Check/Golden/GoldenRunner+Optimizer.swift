import RefluxCore
import RefluxPluginHost

extension GoldenRunner {
    /// A case of an optimizer: rollouts, a loss, or both.
    func runOptimizer(_ reader: GoldenReader, _ compare: GoldenComparison, _ bench: Bench) throws {
        let optimizer = try bench.runtime.makeOptimizer(bench.request)
        let expect = try reader.requiredTable("expect")
        if let table = try reader.table("rollouts") {
            let found = try optimizer.advantages(for: rollouts(table, for: optimizer))
            try compareNumbers(found.advantages, expect, "advantages", compare)
            try compareNumbers(found.returns, expect, "returns", compare)
        }
        if let table = try reader.table("loss") {
            let loss = try optimizer.loss(for: lossBatch(table, for: optimizer))
            if let value = try expect.number("value") {
                try compare.scalar(loss.value, value, at: expect.place(of: "value"))
            }
            try compareNumbers(loss.byLogProbability, expect, "by_logprob", compare)
            try compareNumbers(loss.byValue, expect, "by_value", compare)
            try compareNumbers(loss.byEntropy, expect, "by_entropy", compare)
        }
        try expect.finish()
    }

    private func compareNumbers(
        _ found: [Float], _ expect: GoldenReader, _ key: String, _ compare: GoldenComparison
    ) throws {
        guard let wanted = try expect.numbers(key) else { return }
        try compare.numbers(found.map(Double.init), wanted, at: expect.place(of: key))
    }

    private func rollouts(_ table: GoldenReader, for optimizer: any PolicyOptimizer) throws
        -> RolloutBatch
    {
        let reference = try floats("reference_logprobs", table)
        let values = try floats("values", table)
        let batch = RolloutBatch(
            offsets: try table.integers("offsets") ?? [0],
            groups: try table.integers("groups") ?? [],
            rewards: try table.numbers("rewards") ?? [],
            oldLogProbabilities: try floats("old_logprobs", table),
            referenceLogProbabilities: optimizer.needsReference ? reference : [],
            values: optimizer.needsValues ? values : [])
        try table.finish()
        try checkShape(batch.offsets, table)
        try checkCount(batch.rewards.count, batch.offsets.count - 1, "rewards", table)
        try checkCount(batch.groups.count, batch.offsets.count - 1, "groups", table)
        try checkTokens(batch.oldLogProbabilities, batch.offsets, "old_logprobs", true, table)
        try checkTokens(
            batch.referenceLogProbabilities, batch.offsets, "reference_logprobs",
            optimizer.needsReference, table)
        try checkTokens(batch.values, batch.offsets, "values", optimizer.needsValues, table)
        return batch
    }

    private func lossBatch(_ table: GoldenReader, for optimizer: any PolicyOptimizer) throws
        -> PolicyLossBatch
    {
        let offsets = try table.integers("offsets") ?? [0]
        try checkShape(offsets, table)
        func tokens(_ key: String, _ isNeeded: Bool) throws -> [Float] {
            let values = try floats(key, table)
            guard isNeeded else { return [] }
            try checkTokens(values, offsets, key, true, table)
            return values
        }
        let batch = PolicyLossBatch(
            offsets: offsets, logProbabilities: try tokens("logprobs", true),
            oldLogProbabilities: try tokens("old_logprobs", true),
            referenceLogProbabilities: try tokens(
                "reference_logprobs", optimizer.needsReference),
            values: try tokens("values", optimizer.needsValues),
            oldValues: try tokens("old_values", optimizer.needsValues),
            entropies: try tokens("entropies", optimizer.needsEntropy),
            advantages: try tokens("advantages", true),
            returns: try tokens("returns", optimizer.needsValues),
            totalTokens: try table.integer("total_tokens") ?? (offsets.last ?? 0),
            totalSequences: try table.integer("total_sequences") ?? (offsets.count - 1))
        try table.finish()
        return batch
    }

    private func floats(_ key: String, _ table: GoldenReader) throws -> [Float] {
        (try table.numbers(key) ?? []).map { Float($0) }
    }

    private func checkShape(_ offsets: [Int], _ table: GoldenReader) throws {
        guard offsets.first == 0, zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 }) else {
            throw GoldenFile.error(
                "\(offsets)", at: table.place(of: "offsets"), wanted: "numbers from 0 upwards")
        }
    }

    private func checkTokens(
        _ values: [Float], _ offsets: [Int], _ key: String, _ isNeeded: Bool, _ table: GoldenReader
    ) throws {
        guard isNeeded else { return }
        try checkCount(values.count, offsets.last ?? 0, key, table)
    }

    private func checkCount(_ count: Int, _ wanted: Int, _ key: String, _ table: GoldenReader)
        throws
    {
        guard count != wanted else { return }
        throw GoldenFile.error(
            "\(count) numbers", at: table.place(of: key), wanted: "\(wanted), as offsets says")
    }
}
