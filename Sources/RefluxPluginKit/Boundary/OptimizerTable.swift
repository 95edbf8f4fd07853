import CRefluxPlugin

/// An optimizer behind a handle.
final class OptimizerInstance: Sendable {
    let optimizer: any PolicyOptimizer

    init(_ optimizer: any PolicyOptimizer) {
        self.optimizer = optimizer
    }
}

/// The function table of an optimizer.
func optimizerTable(create: @escaping Creator) -> reflux_optimizer_table {
    reflux_optimizer_table(
        struct_size: structSize(through: \reflux_optimizer_table.compute_loss), reserved: 0,
        create: create, destroy: Slots.destroy,
        get_traits: { handle, call, out in
            answer(call) { _ in
                let needs = try instance(handle, as: OptimizerInstance.self).optimizer.needs
                out?.pointee.needs_values = needs.values ? 1 : 0
                out?.pointee.needs_reference = needs.reference ? 1 : 0
                out?.pointee.needs_entropy = needs.entropy ? 1 : 0
                out?.pointee.epochs = UInt32(clamping: needs.epochs)
                out?.pointee.stops_gradient = needs.stopsGradient ? 1 : 0
            }
        },
        compute_advantages: { handle, call, batch, out in
            answer(call) { call in
                let optimizer = try instance(handle, as: OptimizerInstance.self).optimizer
                let batch = try required(batch, "the batch")
                let out = try required(out, "the advantages")
                let result = try optimizer.advantages(for: RolloutBatch(batch), call: call)
                let count = batch.token_count
                try fill(out.advantages, count: count, with: result.advantages, called: "A")
                try fill(out.returns, count: count, with: result.returns, called: "the returns")
                call.metrics(result.metrics)
            }
        },
        compute_loss: { handle, call, batch, out in
            answer(call) { call in
                let optimizer = try instance(handle, as: OptimizerInstance.self).optimizer
                let batch = try required(batch, "the batch")
                guard let out else { throw PluginError("The host gave NULL for the loss.") }
                let loss = try optimizer.loss(for: LossBatch(batch), call: call)
                let count = batch.token_count
                out.pointee.value = loss.value
                try fill(
                    out.pointee.by_logprob, count: count, with: loss.byLogProbability,
                    called: "d loss / d log pi")
                try fill(
                    out.pointee.by_value, count: count, with: loss.byValue,
                    called: "d loss / d V")
                try fill(
                    out.pointee.by_entropy, count: count, with: loss.byEntropy,
                    called: "d loss / d entropy")
                call.metrics(loss.metrics)
            }
        })
}

extension RolloutBatch {
    fileprivate init(_ batch: reflux_rollout_batch) {
        let tokens = batch.token_count
        self.init(
            offsets: integers(batch.offsets, batch.sequence_count + 1),
            groups: integers(batch.groups, batch.sequence_count),
            rewards: array(batch.rewards, batch.sequence_count),
            oldLogProbabilities: array(batch.old_logprobs, tokens),
            referenceLogProbabilities: array(batch.reference_logprobs, tokens),
            values: array(batch.values, tokens))
    }
}

extension LossBatch {
    fileprivate init(_ batch: reflux_loss_batch) {
        let tokens = batch.token_count
        self.init(
            offsets: integers(batch.offsets, batch.sequence_count + 1),
            logProbabilities: array(batch.logprobs, tokens),
            oldLogProbabilities: array(batch.old_logprobs, tokens),
            referenceLogProbabilities: array(batch.reference_logprobs, tokens),
            values: array(batch.values, tokens), oldValues: array(batch.old_values, tokens),
            entropies: array(batch.entropies, tokens),
            advantages: array(batch.advantages, tokens), returns: array(batch.returns, tokens),
            totalTokens: Int(batch.total_tokens), totalSequences: Int(batch.total_sequences))
    }
}
