/// A response to be scored.
public struct ScoringItem: Sendable, Equatable {
    /// What was asked.
    public var prompt: Prompt
    /// What was answered.
    public var text: String
    /// Whether the model ended the response (and no limit cut it).
    public var finished: Bool

    /// Makes an item.
    public init(prompt: Prompt = Prompt(text: "Q"), text: String, finished: Bool = true) {
        self.prompt = prompt
        self.text = text
        self.finished = finished
    }
}

/// What a reward model learns from.
public struct TrainingData: Sendable, Equatable {
    /// A response with its pseudo-reward.
    public struct Item: Sendable, Equatable {
        /// What is scored.
        public var item: ScoringItem
        /// The pseudo-reward, from 0 to 1.
        public var reward: Double
        /// The weight in the loss.
        public var weight: Double
        /// Whose response it is.
        public var role: Response.Role

        /// Makes an item.
        public init(
            _ item: ScoringItem, reward: Double, weight: Double = 1, role: Response.Role = .teacher
        ) {
            self.item = item
            self.reward = reward
            self.weight = weight
            self.role = role
        }
    }

    /// The labelled responses of each prompt.
    public var groups: [[Item]]
    /// The run's seed.
    public var seed: UInt64

    /// Makes training data.
    public init(groups: [[Item]], seed: UInt64 = 17) {
        self.groups = groups
        self.seed = seed
    }
}
