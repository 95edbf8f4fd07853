import RefluxCore

/// How a training run moves its weights: AdamW under a learning-rate schedule. The keys are the same
/// in `prepare.train`, `warmup` and `reinforce`; the defaults differ.
struct OptimizationSettings: Sendable, Equatable {
    /// The largest learning rate.
    var learningRate: Double
    /// What follows the linear warm-up.
    var shape: LearningRateSchedule.Shape
    /// Steps of linear warm-up.
    var warmupSteps: Int
    /// The last learning rate as a fraction of the largest.
    var floor = 0.1
    /// Decay of the second moment.
    var beta2: Double
    /// Decoupled weight decay.
    var weightDecay: Double
    /// The largest norm of the gradient; 0 does not clip.
    var maxGradientNorm = 1.0

    /// Takes `learning_rate`, `shape`, `warmup_steps`, `floor`, `beta2`, `weight_decay` and
    /// `max_gradient_norm`; what the table leaves out is as in `defaults`.
    init(_ reader: ConfigurationReader, defaults: OptimizationSettings) throws {
        learningRate = try reader.double(
            "learning_rate", default: defaults.learningRate, in: 0...1)
        shape = try reader.choice("shape", default: defaults.shape)
        warmupSteps = try reader.int(
            "warmup_steps", default: defaults.warmupSteps, in: 0...1_000_000)
        floor = try reader.double("floor", default: defaults.floor, in: 0...1)
        beta2 = try reader.double("beta2", default: defaults.beta2, in: 0...0.999_999)
        weightDecay = try reader.double("weight_decay", default: defaults.weightDecay, in: 0...10)
        maxGradientNorm = try reader.double(
            "max_gradient_norm", default: defaults.maxGradientNorm)
    }

    /// Makes settings in code.
    init(
        learningRate: Double, shape: LearningRateSchedule.Shape, warmupSteps: Int,
        beta2: Double = 0.98, weightDecay: Double = 0
    ) {
        self.learningRate = learningRate
        self.shape = shape
        self.warmupSteps = warmupSteps
        self.beta2 = beta2
        self.weightDecay = weightDecay
    }

    /// The schedule over a number of steps.
    func schedule(totalSteps: Int) -> LearningRateSchedule {
        LearningRateSchedule(
            peak: learningRate, shape: shape, warmupSteps: warmupSteps, totalSteps: totalSteps,
            floor: floor)
    }

    /// The update of one step, from 0. A scalar head with a largest learning rate of its own follows
    /// the same schedule.
    func update(
        at step: Int, of totalSteps: Int, headLearningRate: Double? = nil
    ) -> UpdateSettings {
        let rate = schedule(totalSteps: totalSteps).rate(at: step)
        let head = headLearningRate.map { learningRate > 0 ? $0 * rate / learningRate : $0 }
        return UpdateSettings(
            learningRate: rate, headLearningRate: head, beta2: beta2, weightDecay: weightDecay,
            maxGradientNorm: maxGradientNorm)
    }
}
