/// Learns pseudo-rewards from the text of the responses and scores new ones.
///
/// **Who calls it.** The `reward` stage fits, reports and saves it; `reinforce` loads and scores.
///
/// **The smallest conforming type** prefers short answers and learns nothing:
/// ```swift
/// struct Shortness: RewardModel {
///     func fit(_ data: RewardTrainingData, checkpoint: String?, observer: RunObserver) {}
///     func score(_ items: [ScoringItem]) -> [Double] { items.map { -Double($0.text.utf8.count) } }
///     func save(to folder: String) {}
/// }
/// ```
///
/// **Cost.** `score` is called with every rollout of every step: batch inside.
/// **Threads.** Called from one task at a time.
/// **Errors.** A throw ends the stage. A score must be finite.
public protocol RewardModel: Sendable {
    /// Learns from labelled responses.
    ///
    /// - Parameters:
    ///   - data: training prompts only; the caller keeps the held-out ones.
    ///   - checkpoint: a folder for states to resume from, or `nil` to keep none. A fit that finds
    ///     a state there goes on from it and ends with the same model, bit for bit.
    ///   - observer: to be told of progress and metrics.
    /// - Throws: whatever ends the stage; ``RefluxError`` is shown best.
    func fit(_ data: RewardTrainingData, checkpoint: String?, observer: RunObserver) async throws

    /// Scores responses; higher is better. Scores are logits: their sigmoid is the model's
    /// probability of acceptance.
    ///
    /// - Returns: one finite score for each item, in order.
    func score(_ items: [ScoringItem]) async throws -> [Double]

    /// Saves all that ``score(_:)`` needs into an existing, empty folder.
    func save(to folder: String) async throws
}

/// A response to be scored: the text decides, whatever tokenizer produced it.
public struct ScoringItem: Sendable, Equatable {
    /// What was asked.
    public var prompt: Prompt
    /// What was answered.
    public var text: String
    /// Whether the response was ended by its model (and not cut by a limit).
    public var finished: Bool

    /// Makes an item.
    public init(prompt: Prompt, text: String, finished: Bool = true) {
        self.prompt = prompt
        self.text = text
        self.finished = finished
    }
}

/// What a reward model learns from.
public struct RewardTrainingData: Sendable {
    /// One response with its pseudo-reward.
    public struct Item: Sendable {
        /// What is scored.
        public var item: ScoringItem
        /// The pseudo-reward, from 0 to 1; soft labels are allowed.
        public var reward: Double
        /// The weight in the loss.
        public var weight: Double
        /// Whose response it is.
        public var role: Response.Role

        /// Makes an item.
        public init(
            item: ScoringItem, reward: Double, weight: Double = 1, role: Response.Role
        ) {
            self.item = item
            self.reward = reward
            self.weight = weight
            self.role = role
        }
    }

    /// The labelled responses of each prompt; abstentions are left out.
    public var groups: [[Item]]
    /// The run's seed, for the order and the pairs.
    public var seed: UInt64

    /// Makes training data.
    public init(groups: [[Item]], seed: UInt64) {
        self.groups = groups
        self.seed = seed
    }
}
