/// One step of AdamW with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101).
public struct UpdateSettings: Sendable, Codable, Equatable {
    /// The learning rate of this step.
    public var learningRate: Double
    /// The learning rate of the scalar head; `nil` is the body's.
    public var headLearningRate: Double?
    /// Decay of the first moment.
    public var beta1: Double
    /// Decay of the second moment.
    public var beta2: Double
    /// Added to the root of the second moment.
    public var epsilon: Double
    /// Decoupled weight decay, for matrices only (norms and biases are not decayed).
    public var weightDecay: Double
    /// The largest norm of the whole gradient; 0 does not clip.
    public var maxGradientNorm: Double

    /// Makes settings.
    public init(
        learningRate: Double, headLearningRate: Double? = nil, beta1: Double = 0.9,
        beta2: Double = 0.95, epsilon: Double = 1e-8, weightDecay: Double = 0,
        maxGradientNorm: Double = 1
    ) {
        self.learningRate = learningRate
        self.headLearningRate = headLearningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.maxGradientNorm = maxGradientNorm
    }
}

/// What an update did.
public struct UpdateReport: Sendable, Codable, Equatable {
    /// The norm of the whole gradient before clipping.
    public var gradientNorm: Double
    /// How many updates this model has had.
    public var step: Int

    /// Makes a report.
    public init(gradientNorm: Double, step: Int) {
        self.gradientNorm = gradientNorm
        self.step = step
    }
}

/// The learning rate over the steps of a training run: linear warm-up, then constant, linear or
/// cosine decay to a fraction of the peak.
public struct LearningRateSchedule: Sendable, Codable, Equatable {
    /// What follows the warm-up.
    public enum Shape: String, Sendable, Codable, CaseIterable {
        /// The peak, to the end.
        case constant
        /// A straight line down.
        case linear
        /// Half a cosine down (Loshchilov and Hutter, arXiv 1608.03983).
        case cosine
    }

    /// The largest learning rate.
    public var peak: Double
    /// What follows the warm-up.
    public var shape: Shape
    /// Steps of warm-up; step s < warmupSteps has peak (s + 1) / warmupSteps.
    public var warmupSteps: Int
    /// All steps, the warm-up included.
    public var totalSteps: Int
    /// The last learning rate as a fraction of the peak; a constant shape ignores it.
    public var floor: Double

    /// Makes a schedule.
    public init(
        peak: Double, shape: Shape = .cosine, warmupSteps: Int = 0, totalSteps: Int,
        floor: Double = 0.1
    ) {
        self.peak = peak
        self.shape = shape
        self.warmupSteps = warmupSteps
        self.totalSteps = totalSteps
        self.floor = floor
    }
}
