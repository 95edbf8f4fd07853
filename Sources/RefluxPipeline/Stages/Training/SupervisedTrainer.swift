import RefluxCore

/// Supervised training on responses: the teacher's of `prepare` and the student's of `warmup`.
///
/// The loss of a step is the cross-entropy of its response tokens, -sum log p / N, where N counts the
/// response tokens of the whole step, so that micro-batches do not change it. Prompts carry no loss.
/// A loss that is not finite ends the run at its last checkpoint and names the step.
struct SupervisedTrainer: Sendable {
    /// The model that learns.
    let engine: any LanguageModelEngine
    /// What it learns from; each has response tokens.
    let sequences: [TokenSequence]
    /// The sequences of each step.
    let plan: BatchPlan
    /// The optimizer of the weights.
    let optimization: OptimizationSettings
    /// The most tokens that are computed at once.
    let microBatchTokens: Int
    /// Where checkpoints go.
    let checkpoints: Checkpoints<NoState>
    /// Steps between two checkpoints.
    let checkpointEvery: Int
    /// Told of progress and metrics.
    let observer: RunObserver
    /// The file of the metrics, to be cut to the checkpoint.
    let metrics: MetricsFile

    /// Trains, from the last checkpoint if there is one.
    ///
    /// - Parameter isEnough: asked after every step with the number of updates done.
    /// - Returns: the updates done.
    /// - Throws: ``RefluxError``, of kind `numeric` for a loss that is not finite.
    @discardableResult
    func train(until isEnough: (Int) async throws -> Bool = { _ in false }) async throws -> Int {
        var checkpoint = try await checkpoints.restore(engine)?.step
        var step = checkpoint ?? 0
        try metrics.truncate(fromStep: step)
        if let checkpoint { observer.note("going on from checkpoint step-\(checkpoint)") }
        while step < plan.batches.count {
            try Task.checkCancellation()
            let values = try await namingStep(step, checkpoint: checkpoint) {
                try await update(step)
            }
            observer.metrics(step, values)
            step += 1
            observer.progress(step, plan.batches.count, "steps")
            if try await isEnough(step) { break }
            if step % checkpointEvery == 0, step < plan.batches.count {
                try await checkpoints.save(engine, step: step, state: NoState())
                checkpoint = step
            }
        }
        return step
    }

    /// One step: the gradient of all its micro-batches, then the update.
    private func update(_ step: Int) async throws -> [String: Double] {
        let clock = ContinuousClock()
        let start = clock.now
        let batch = plan.batches[step].map { sequences[$0] }
        let responseTokens = batch.reduce(0) { $0 + $1.responseCount }
        var loss = 0.0
        for range in microBatches(of: batch, limit: microBatchTokens) {
            let readings = try await engine.accumulateGradient(
                of: Array(batch[range]), reading: TokenReading()
            ) { try crossEntropy($0, totalTokens: responseTokens) }
            loss -= readings.logProbabilities.reduce(0) { $0 + Double($1) }
        }
        loss /= Double(responseTokens)
        let settings = optimization.update(at: step, of: plan.batches.count)
        let report = try await engine.applyUpdate(settings)
        let seconds = (clock.now - start) / .seconds(1)
        let tokens = batch.reduce(0) { $0 + $1.tokens.count }
        return [
            "loss": loss, "gradient_norm": report.gradientNorm,
            "learning_rate": settings.learningRate, "response_tokens": Double(responseTokens),
            "tokens_per_second": Double(tokens) / max(seconds, 1e-9), "seconds": seconds,
        ]
    }
}

/// -sum log p / N with its derivative -1/N by every log p.
///
/// - Parameters:
///   - readings: those of a micro-batch.
///   - totalTokens: N, the response tokens of the whole update.
/// - Returns: the loss with its derivatives.
/// - Throws: ``RefluxError`` of kind `numeric` when the loss is not finite.
func crossEntropy(_ readings: TokenReadings, totalTokens: Int) throws -> TokenGradients {
    let scale = 1 / Double(totalTokens)
    let loss = -scale * readings.logProbabilities.reduce(0) { $0 + Double($1) }
    try checkFinite(loss, "loss")
    return TokenGradients(
        loss: loss,
        byLogProbability: [Float](
            repeating: Float(-scale), count: readings.logProbabilities.count))
}
