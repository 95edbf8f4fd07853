/// Scores responses; higher is better. A score is a logit: its sigmoid is the probability that the
/// response is accepted.
///
/// **Who calls it.** The host, with the rollouts of every step: many items a call, one call at a
/// time. **Errors.** A throw ends the stage. Scores must be finite.
public protocol RewardModel: PluginExtension {
    /// One score for each item, in order.
    func score(_ items: [ScoringItem], call: Call) throws -> [Double]
}

/// A reward model that learns, and is saved and loaded.
///
/// **State.** The host calls one function of an instance at a time, so that the mutating ones need
/// no lock. After ``load(from:call:)`` the model scores exactly as the one that was saved.
public protocol TrainableRewardModel: RewardModel {
    /// Learns from labelled responses.
    ///
    /// - Parameters:
    ///   - data: the labelled responses, by prompt.
    ///   - checkpoint: an existing folder for states to resume from, or `nil` to keep none.
    ///   - call: the services; ``Call/metric(_:_:step:)`` counts steps from 0.
    /// - Throws: whatever ends the stage.
    mutating func fit(_ data: TrainingData, checkpoint: String?, call: Call) throws

    /// Writes all that ``score(_:call:)`` needs into an existing, empty folder.
    func save(to folder: String, call: Call) throws

    /// Reads what ``save(to:call:)`` wrote; called right after making an instance.
    mutating func load(from folder: String, call: Call) throws
}
