import CRefluxPlugin
import RefluxCore

/// An optimizer of a plugin. Arrays are copied as a whole, never element by element.
final class PluginOptimizer: PolicyOptimizer, @unchecked Sendable {
    let name: String
    let needsValues: Bool
    let needsReference: Bool
    let needsEntropy: Bool
    let stopsGradient: Bool
    let epochs: Int
    private let instance: PluginInstance
    private let table: reflux_optimizer_table

    private static let epochRange = 1...1000

    /// Makes an instance and asks what it needs.
    init(_ origin: InstanceOrigin, _ table: reflux_optimizer_table) throws {
        instance = try PluginInstance(origin, create: table.create, destroy: table.destroy)
        name = origin.request.name
        self.table = table
        let traits = try Self.traits(of: instance, table)
        needsValues = traits.needs_values != 0
        needsReference = traits.needs_reference != 0
        needsEntropy = traits.needs_entropy != 0
        stopsGradient = traits.stops_gradient != 0
        epochs = Int(traits.epochs)
    }

    private static func traits(
        of instance: PluginInstance, _ table: reflux_optimizer_table
    ) throws -> reflux_optimizer_traits {
        guard let getTraits = table.get_traits else { throw instance.site.missing("get_traits") }
        let arena = CallArena()
        var traits = reflux_optimizer_traits()
        traits.struct_size = UInt32(
            TableCopy.size(through: \reflux_optimizer_traits.stops_gradient))
        traits.epochs = 1
        let out = arena.output("traits", count: 1, filledWith: traits)
        _ = try instance.perform(CallFrame(function: "get_traits"), arena: arena) {
            getTraits($0, $1, out)
        }
        guard epochRange.contains(Int(out.pointee.epochs)) else {
            throw instance.site.error(
                .callResult, item: nil, found: "epochs is \(out.pointee.epochs)",
                wanted: "a number from \(epochRange.lowerBound) to \(epochRange.upperBound)")
        }
        return out.pointee
    }

    func advantages(for batch: RolloutBatch) throws -> AdvantageBatch {
        guard let compute = table.compute_advantages else {
            throw instance.site.missing("compute_advantages")
        }
        let tokens = batch.oldLogProbabilities.count
        let sequences = batch.sequenceCount
        let checker = BatchChecker(site: instance.site, offsets: batch.offsets, tokens: tokens)
        try checker.checkOffsets(sequences: sequences)
        try checker.check("groups", batch.groups.count, sequences)
        try checker.check("values", batch.values.count, needsValues ? tokens : nil)
        let reference = batch.referenceLogProbabilities
        try checker.check(
            "reference log-probabilities", reference.count, needsReference ? tokens : nil)

        let arena = CallArena()
        var raw = reflux_rollout_batch()
        raw.struct_size = UInt32(TableCopy.size(through: \reflux_rollout_batch.values))
        raw.sequence_count = UInt64(sequences)
        raw.token_count = UInt64(tokens)
        raw.offsets = arena.counts(batch.offsets)
        raw.groups = arena.counts(batch.groups)
        raw.rewards = arena.array(batch.rewards)
        raw.old_logprobs = arena.array(batch.oldLogProbabilities)
        raw.reference_logprobs = needsReference ? arena.array(reference) : nil
        raw.values = needsValues ? arena.array(batch.values) : nil
        let input = arena.put(raw)

        var results = reflux_advantages()
        results.struct_size = UInt32(TableCopy.size(through: \reflux_advantages.returns))
        let advantages = arena.output("advantages", count: tokens, filledWith: Unset.float)
        let returns = arena.output(
            "returns", count: needsValues ? tokens : 0, filledWith: Unset.float)
        results.advantages = advantages
        results.returns = needsValues ? returns : nil
        let sink = arena.put(results)

        let frame = CallFrame(function: "compute_advantages", item: "advantages")
        let outputs = try instance.perform(frame, arena: arena) { compute($0, $1, input, sink) }
        return AdvantageBatch(
            advantages: try checker.take("advantage", advantages, item: "advantages"),
            returns: needsValues
                ? try checker.take("return", returns, item: "advantages") : [],
            metrics: outputs.metricsByName)
    }

    func loss(for batch: PolicyLossBatch) throws -> PolicyLoss {
        guard let compute = table.compute_loss else { throw instance.site.missing("compute_loss") }
        let tokens = batch.logProbabilities.count
        let checker = BatchChecker(site: instance.site, offsets: batch.offsets, tokens: tokens)
        try check(batch, by: checker)
        let arena = CallArena()
        let input = arena.put(pack(batch, in: arena))
        let (out, given) = results(tokens: tokens, in: arena)

        let frame = CallFrame(function: "compute_loss", item: "loss")
        let outputs = try instance.perform(frame, arena: arena) { compute($0, $1, input, out) }
        guard out.pointee.hasPointers(of: given) else {
            throw instance.site.error(
                .callInput, item: "loss", found: "compute_loss changed the pointers of reflux_loss",
                wanted: "numbers in the buffers to which they lead")
        }
        guard out.pointee.value.isFinite else {
            throw instance.site.error(
                .callResult, item: "loss", found: "value \(Unset.describe(out.pointee.value))",
                wanted: "a finite number")
        }
        func taken(_ name: String, _ buffer: UnsafeMutablePointer<Float>?) throws -> [Float] {
            guard let buffer else { return [] }
            return try checker.take(name, buffer, item: "loss")
        }
        return PolicyLoss(
            value: out.pointee.value, byLogProbability: try taken("by_logprob", given.by_logprob),
            byValue: try taken("by_value", given.by_value),
            byEntropy: try taken("by_entropy", given.by_entropy), metrics: outputs.metricsByName)
    }

    private func check(_ batch: PolicyLossBatch, by checker: BatchChecker) throws {
        let tokens = checker.tokens
        try checker.checkOffsets(sequences: batch.offsets.count - 1)
        try checker.check("old log-probabilities", batch.oldLogProbabilities.count, tokens)
        try checker.check("advantages", batch.advantages.count, tokens)
        try checker.check(
            "reference log-probabilities", batch.referenceLogProbabilities.count,
            needsReference ? tokens : nil)
        try checker.check("values", batch.values.count, needsValues ? tokens : nil)
        try checker.check("old values", batch.oldValues.count, needsValues ? tokens : nil)
        try checker.check("returns", batch.returns.count, needsValues ? tokens : nil)
        try checker.check("entropies", batch.entropies.count, needsEntropy ? tokens : nil)
    }

    private func pack(_ batch: PolicyLossBatch, in arena: CallArena) -> reflux_loss_batch {
        var raw = reflux_loss_batch()
        raw.struct_size = UInt32(TableCopy.size(through: \reflux_loss_batch.total_sequences))
        raw.sequence_count = UInt64(batch.offsets.count - 1)
        raw.token_count = UInt64(batch.logProbabilities.count)
        raw.offsets = arena.counts(batch.offsets)
        raw.logprobs = arena.array(batch.logProbabilities)
        raw.old_logprobs = arena.array(batch.oldLogProbabilities)
        raw.reference_logprobs =
            needsReference ? arena.array(batch.referenceLogProbabilities) : nil
        raw.values = needsValues ? arena.array(batch.values) : nil
        raw.old_values = needsValues ? arena.array(batch.oldValues) : nil
        raw.entropies = needsEntropy ? arena.array(batch.entropies) : nil
        raw.advantages = arena.array(batch.advantages)
        raw.returns = needsValues ? arena.array(batch.returns) : nil
        raw.total_tokens = UInt64(clamping: batch.totalTokens)
        raw.total_sequences = UInt64(clamping: batch.totalSequences)
        return raw
    }

    private func results(
        tokens: Int, in arena: CallArena
    ) -> (out: UnsafeMutablePointer<reflux_loss>, given: reflux_loss) {
        var given = reflux_loss()
        given.struct_size = UInt32(TableCopy.size(through: \reflux_loss.by_entropy))
        given.value = Unset.double
        given.by_logprob = arena.output("by_logprob", count: tokens, filledWith: Unset.float)
        if needsValues {
            given.by_value = arena.output("by_value", count: tokens, filledWith: Unset.float)
        }
        if needsEntropy {
            given.by_entropy = arena.output("by_entropy", count: tokens, filledWith: Unset.float)
        }
        return (arena.output("reflux_loss", count: 1, filledWith: given), given)
    }
}

extension reflux_loss {
    /// Whether nothing but the value was changed.
    fileprivate func hasPointers(of other: reflux_loss) -> Bool {
        struct_size == other.struct_size && by_logprob == other.by_logprob
            && by_value == other.by_value && by_entropy == other.by_entropy
    }
}
