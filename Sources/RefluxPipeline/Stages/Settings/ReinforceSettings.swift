import RefluxCore

/// The pipeline's keys of the section `reinforce`; the other keys belong to the policy optimizer.
struct ReinforceSettings: Sendable {
    /// What rewards a rollout.
    enum RewardSource: String, Sendable, CaseIterable {
        /// The reward model.
        case model
        /// The pseudo-reward rule, on prompts that have a pseudo-label.
        case rule
        /// The mean of both; the model alone where the rule abstains.
        case both
    }

    /// How the reward model's score becomes a reward.
    enum RewardScale: String, Sendable, CaseIterable {
        /// The probability of acceptance, from 0 to 1.
        case sigmoid
        /// The logit itself.
        case raw
    }

    /// What rewards a rollout.
    let reward: RewardSource
    /// How the reward model's score becomes a reward.
    let rewardScale: RewardScale
    /// The reward of a rollout that was cut or that has no readable answer.
    let unparsedReward: Double
    /// Updates.
    let steps: Int
    /// Prompts of one step.
    let promptsPerStep: Int
    /// Rollouts of each prompt.
    let samplesPerPrompt: Int
    /// How rollouts are drawn.
    let sampling: SamplingSettings
    /// The arithmetic in which rollouts are drawn; `nil` draws them in the policy's own.
    let rolloutPrecision: ModelOptions.Precision?
    /// The most that a token counts for the policy being likelier to draw it as it is read than as it was
    /// drawn; `nil` does not correct for that.
    let importanceCap: Double?
    /// The most tokens that are computed at once.
    let microBatchTokens: Int
    /// The largest learning rate of the value head; `nil` is the body's.
    let valueLearningRate: Double?
    /// Whether the value head's gradients stop before the body.
    let detachValues: Bool
    /// Whether the divergence from the reference is logged although the optimizer does not need it;
    /// without it the reference is not opened.
    let watchReference: Bool
    /// Steps between two checkpoints.
    let checkpointEvery: Int
    /// Steps between two looks at the held-out rule reward; 0 never looks.
    let evaluateEvery: Int
    /// The most held-out prompts of one look.
    let evaluateProblems: Int
    /// Whether the best student by held-out rule reward is kept, and not the last one.
    let keepBest: Bool
    /// The fall of the held-out rule reward below its best at which reinforcement ends, and the best
    /// student is kept; 0 never ends it.
    let earlyStopDrop: Double
    /// Steps between two refreshes of the labels' votes by the current student; 0 never refreshes.
    let labelRefresh: Int
    /// The optimizer of the weights.
    let optimization: OptimizationSettings

    /// Takes the pipeline's keys and leaves the policy optimizer's.
    init(_ reader: ConfigurationReader) throws {
        reward = try reader.choice("reward", default: RewardSource.model)
        rewardScale = try reader.choice("reward_scale", default: RewardScale.sigmoid)
        unparsedReward = try reader.double("unparsed_reward", default: 0, in: -1e6...1e6)
        steps = try reader.int("steps", default: 120, in: 0...10_000_000)
        promptsPerStep = try reader.int("prompts_per_step", default: 64, in: 1...1_000_000)
        samplesPerPrompt = try reader.int("samples_per_prompt", default: 8, in: 1...100_000)
        sampling = SamplingSettings(
            temperature: try reader.double("temperature", default: 1, in: 0.01...100),
            maxTokens: try reader.int("max_tokens", default: 256, in: 1...1_048_576))
        rolloutPrecision = try reader.optionalChoice("rollout_precision")
        let cap = try reader.double(
            "importance_cap", default: rolloutPrecision == nil ? 0 : 2, in: 0...1_000_000)
        guard cap == 0 || cap >= 1 else {
            throw reader.wrong("importance_cap", wanted: "a number of at least 1, or 0")
        }
        importanceCap = cap == 0 ? nil : cap
        microBatchTokens = try reader.int("micro_batch_tokens", default: 8_192, in: 1...10_000_000)
        valueLearningRate = try reader.optionalDouble("value_learning_rate", in: 0...1)
        detachValues = try reader.bool("detach_values", default: true)
        watchReference = try reader.bool("watch_reference", default: true)
        checkpointEvery = try reader.int("checkpoint_every", default: 20, in: 1...1_000_000)
        evaluateEvery = try reader.int("evaluate_every", default: 20, in: 0...1_000_000)
        evaluateProblems = try reader.int("evaluate_problems", default: 200, in: 0...1_000_000)
        keepBest = try reader.bool("keep_best", default: false)
        earlyStopDrop = try reader.double("early_stop_drop", default: 0.1, in: 0...1)
        labelRefresh = try reader.int("label_refresh", default: 0, in: 0...1_000_000)
        optimization = try OptimizationSettings(
            reader,
            defaults: OptimizationSettings(
                learningRate: 3e-4, shape: .constant, warmupSteps: 10, beta2: 0.95))
    }
}

extension ReinforceSettings {
    /// Whether the best student by held-out rule reward has to be at hand at the end.
    var keepsBestLook: Bool { keepBest || earlyStopDrop > 0 }
}
