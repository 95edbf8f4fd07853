import CRefluxPlugin
public import RefluxPluginKit

extension MockHost {
    /// Makes an optimizer. Settings that are left out have their defaults.
    public func optimizer(_ id: String, settings: JSONValue = [:]) throws -> MockOptimizer {
        try MockOptimizer(
            instance: MockInstance(
                self, kind: REFLUX_KIND_POLICY_OPTIMIZER, id: id, settings: settings
            ) { ($0.create, $0.destroy) })
    }
}

/// An optimizer behind the boundary.
public struct MockOptimizer: Sendable {
    let instance: MockInstance<reflux_optimizer_table>
    /// What the method needs; the mock host gives it nothing else.
    public let needs: OptimizerNeeds

    init(instance: MockInstance<reflux_optimizer_table>) throws {
        self.instance = instance
        let arena = Arena()
        var empty = reflux_optimizer_traits()
        empty.struct_size = structSize(through: \reflux_optimizer_traits.stops_gradient)
        empty.epochs = 1
        let traits = arena.buffer(empty, count: 1, "the traits")
        let getTraits = try function(instance.table.get_traits, "get_traits")
        _ = try instance.call(arena) { (getTraits(instance.handle, $0.pointer, traits), ()) }
        needs = OptimizerNeeds(
            values: traits.pointee.needs_values != 0,
            reference: traits.pointee.needs_reference != 0,
            entropy: traits.pointee.needs_entropy != 0, epochs: Int(traits.pointee.epochs),
            stopsGradient: traits.pointee.stops_gradient != 0)
        guard needs.epochs > 0 else {
            throw MockHostError.contract("The optimizer wants 0 epochs, wanted at least 1.")
        }
    }

    /// Turns rollouts into advantages; they have the metrics that were given meanwhile.
    public func advantages(for batch: RolloutBatch) throws -> Advantages {
        let arena = Arena()
        let tokens = batch.tokenCount
        let reference = try given(
            batch.referenceLogProbabilities, if: needs.reference, "log pi_ref", tokens)
        let values = try given(batch.values, if: needs.values, "values", tokens)
        let input = reflux_rollout_batch(
            struct_size: structSize(through: \reflux_rollout_batch.values), reserved: 0,
            sequence_count: UInt64(batch.sequenceCount), token_count: UInt64(tokens),
            offsets: arena.counts(batch.offsets), groups: arena.counts(batch.groups),
            rewards: arena.array(batch.rewards),
            old_logprobs: arena.array(batch.oldLogProbabilities),
            reference_logprobs: arena.array(reference), values: arena.array(values))
        let out = reflux_advantages(
            struct_size: structSize(through: \reflux_advantages.returns), reserved: 0,
            advantages: arena.buffer(Float.nan, count: tokens, "the advantages"),
            returns: needs.values ? arena.buffer(Float.nan, count: tokens, "the returns") : nil)
        let compute = try function(instance.table.compute_advantages, "compute_advantages")
        let (state, _) = try instance.call(arena) { record in
            (
                compute(
                    instance.handle, record.pointer, arena.pointer(to: input),
                    arena.pointer(to: out)), ()
            )
        }
        return Advantages(
            try finite(out.advantages, tokens, "the advantages"),
            returns: try finite(out.returns, tokens, "the returns"),
            metrics: state.journal.byName)
    }

    /// The loss of a micro-batch; it has the metrics that were given meanwhile.
    public func loss(for batch: LossBatch) throws -> Loss {
        let arena = Arena()
        let tokens = batch.tokenCount
        let input = try self.input(batch, arena)
        var empty = reflux_loss()
        empty.struct_size = structSize(through: \reflux_loss.by_entropy)
        empty.value = .nan
        empty.by_logprob = arena.buffer(Float.nan, count: tokens, "d loss / d log pi")
        if needs.values {
            empty.by_value = arena.buffer(Float.nan, count: tokens, "d loss / d V")
        }
        if needs.entropy {
            empty.by_entropy = arena.buffer(Float.nan, count: tokens, "d loss / d entropy")
        }
        let out = arena.buffer(empty, count: 1, "the loss")
        let compute = try function(instance.table.compute_loss, "compute_loss")
        let (state, loss) = try instance.call(arena) { record in
            (
                compute(instance.handle, record.pointer, arena.pointer(to: input), out),
                out.pointee
            )
        }
        guard loss.value.isFinite else {
            throw MockHostError.contract("The loss is \(loss.value), wanted a finite number.")
        }
        return Loss(
            value: loss.value,
            byLogProbability: try finite(empty.by_logprob, tokens, "d loss / d log pi"),
            byValue: try finite(empty.by_value, tokens, "d loss / d V"),
            byEntropy: try finite(empty.by_entropy, tokens, "d loss / d entropy"),
            metrics: state.journal.byName)
    }

    private func input(_ batch: LossBatch, _ arena: Arena) throws -> reflux_loss_batch {
        let tokens = batch.tokenCount
        var input = reflux_loss_batch()
        input.struct_size = structSize(through: \reflux_loss_batch.total_sequences)
        input.sequence_count = UInt64(batch.sequenceCount)
        input.token_count = UInt64(tokens)
        input.offsets = arena.counts(batch.offsets)
        input.logprobs = arena.array(batch.logProbabilities)
        input.old_logprobs = arena.array(batch.oldLogProbabilities)
        input.reference_logprobs = arena.array(
            try given(batch.referenceLogProbabilities, if: needs.reference, "log pi_ref", tokens))
        input.values = arena.array(try given(batch.values, if: needs.values, "values", tokens))
        input.old_values = arena.array(
            try given(batch.oldValues, if: needs.values, "old values", tokens))
        input.entropies = arena.array(
            try given(batch.entropies, if: needs.entropy, "entropies", tokens))
        input.advantages = arena.array(batch.advantages)
        input.returns = arena.array(try given(batch.returns, if: needs.values, "returns", tokens))
        input.total_tokens = UInt64(batch.totalTokens)
        input.total_sequences = UInt64(batch.totalSequences)
        return input
    }

    /// The numbers that a method gets: none that it does not need, all that it does.
    private func given(
        _ values: [Float], if needed: Bool, _ name: String, _ count: Int
    ) throws -> [Float] {
        guard needed else { return [] }
        guard values.count == count else {
            throw MockHostError(
                kind: .usage, text: "The test gives \(values.count) \(name), needed are \(count).")
        }
        return values
    }

    private func finite(
        _ buffer: UnsafeMutablePointer<Float>?, _ count: Int, _ name: String
    ) throws -> [Float] {
        guard let buffer else { return [] }
        return try (0..<count).map { index in
            guard buffer[index].isFinite else {
                throw MockHostError.contract(
                    "Number \(index) of \(name) is \(buffer[index]), wanted a finite number.")
            }
            return buffer[index]
        }
    }
}
