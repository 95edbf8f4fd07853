public import RefluxCore

extension LanguageModelReward {
    /// Trains the model, from its body or from the state found in `checkpoint`.
    ///
    /// Metrics of a step: `loss`; `pair_loss`, `pair_accuracy`, `pointwise_loss` and
    /// `language_model_loss` where they are in use; `gradient_norm`, `learning_rate`; `weight_mean`,
    /// `weight_sum` and `weight_minimum` of the standardised log-probabilities.
    ///
    /// - Parameters:
    ///   - data: the labelled responses of the training prompts.
    ///   - checkpoint: a folder for states; it holds `state/`.
    ///   - observer: told of every step.
    /// - Throws: ``RefluxError``; `CancellationError` between two steps, after a state was saved.
    public func fit(
        _ data: RewardTrainingData, checkpoint: String?, observer: RunObserver
    ) async throws {
        let bodies = try await freshBodies()
        let encoder = encoder(for: bodies.engine)
        let examples = try data.groups.map { try $0.map { try encoder.encode($0) } }
        var determining = settings
        // How often a state is saved and what is computed twice change nothing.
        determining.checkpointEvery = 1
        determining.gradientCheckpointing = nil
        var state = RewardCheckpoint(
            step: 0, weights: learned,
            fingerprint: try RewardCheckpoint.fingerprint(settings: determining, data: data))
        if let checkpoint,
            let found = try await RewardCheckpoint.read(
                from: checkpoint, engine: bodies.engine, fingerprint: state.fingerprint)
        {
            state = found
        } else if ItemReader(settings).weighsLogProbabilities {
            state.weights.scale = try await FeatureScale.measured(
                on: examples.flatMap(\.self), seed: data.seed,
                microBatchTokens: settings.microBatchTokens, engine: bodies.engine,
                observer: observer)
        }
        if settings.epochs != 0 {
            let batches = try RewardBatches(examples, settings: settings, seed: data.seed)
            let training = RewardTraining(
                settings: settings, steps: settings.epochs.map(batches.steps) ?? settings.steps,
                bodies: bodies)
            try await train(training, on: batches, &state, checkpoint, observer)
        }
        take(state.weights)
    }

    private func train(
        _ training: RewardTraining, on batches: RewardBatches, _ state: inout RewardCheckpoint,
        _ checkpoint: String?, _ observer: RunObserver
    ) async throws {
        let engine = training.bodies.engine
        var batches = batches
        while state.step < training.steps {
            if Task.isCancelled {
                if let checkpoint { try await state.write(to: checkpoint, engine: engine) }
                throw CancellationError()
            }
            let metrics = try await training.update(
                batches.parts(step: state.step), step: state.step, weights: &state.weights)
            state.step += 1
            observer.metrics(state.step, metrics)
            observer.progress(state.step, training.steps, "steps")
            let isDue = state.step % settings.checkpointEvery == 0 || state.step == training.steps
            if let checkpoint, isDue { try await state.write(to: checkpoint, engine: engine) }
        }
    }
}

/// The updates of a reward model's training.
struct RewardTraining: Sendable {
    /// The recipe.
    let settings: RewardSettings
    /// All updates.
    let steps: Int
    /// The body, and what it is measured against.
    let bodies: RewardBodies

    /// One update on the micro-batches of a step.
    ///
    /// - Returns: the step's metrics.
    func update(
        _ parts: [RewardBatches.Part], step: Int, weights: inout LearnedFeatureWeights
    ) async throws -> [String: Double] {
        let loss = RewardLoss(settings)
        let totals = RewardTargets.Totals(parts.map(\.targets))
        var gradient = FeatureWeights.zero
        var metrics: [String: Double] = [:]
        for part in parts {
            let result = try await accumulate(part, loss, totals, weights.raw)
            gradient = gradient + result.gradient.byWeights
            metrics.merge(result.metrics, uniquingKeysWith: +)
            metrics["loss", default: 0] += result.value
        }
        let update = update(at: step)
        let report = try await bodies.engine.applyUpdate(update)
        gradient = weights.scale.gradient(gradient)
        let hasWeights = loss.reader.weighsLogProbabilities
        if !hasWeights { (gradient.mean, gradient.sum, gradient.minimum) = (0, 0, 0) }
        weights.update(
            gradient,
            learningRate: rate(at: step, peak: settings.featureLearningRate),
            beta1: update.beta1, beta2: update.beta2, epsilon: update.epsilon,
            maxNorm: settings.maxGradientNorm)
        metrics["gradient_norm"] = report.gradientNorm
        metrics["learning_rate"] = update.learningRate
        if hasWeights {
            metrics["weight_mean"] = weights.weights.mean
            metrics["weight_sum"] = weights.weights.sum
            metrics["weight_minimum"] = weights.weights.minimum
        }
        return metrics
    }

    /// The engine keeps the derivatives by its readings; those by the weights of the features are
    /// computed once more from the readings that it returns.
    private func accumulate(
        _ part: RewardBatches.Part, _ loss: RewardLoss, _ totals: RewardTargets.Totals,
        _ weights: FeatureWeights
    ) async throws -> RewardLoss.Result {
        var targets = part.targets
        let offsets = try await bodies.offsets(of: part.sequences, reader: loss.reader)
        for (place, offset) in offsets.enumerated() { targets.items[place].offset = offset }
        let complete = targets
        let readings = try await bodies.engine.accumulateGradient(
            of: part.sequences, reading: settings.tokens
        ) { readings in
            loss.evaluate(readings, targets: complete, totals: totals, weights: weights)
                .tokenGradients
        }
        return loss.evaluate(readings, targets: complete, totals: totals, weights: weights)
    }

    private func update(at step: Int) -> UpdateSettings {
        UpdateSettings(
            learningRate: rate(at: step, peak: settings.learningRate),
            headLearningRate: settings.headLearningRate.map { rate(at: step, peak: $0) },
            beta2: 0.999, weightDecay: settings.weightDecay,
            maxGradientNorm: settings.maxGradientNorm)
    }

    private func rate(at step: Int, peak: Double) -> Double {
        LearningRateSchedule(
            peak: peak, shape: settings.shape,
            warmupSteps: settings.warmupSteps, totalSteps: steps
        ).rate(at: step)
    }
}
