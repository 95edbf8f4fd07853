/// The responses whose probability of acceptance, sigmoid(score), lies in one tenth: where a model is
/// calibrated, the mean probability is the mean reward.
public struct ReliabilityBin: Sendable, Codable, Equatable {
    /// The smallest probability of the bin: 0, 0.1, …, 0.9.
    public var from: Double
    /// How many responses.
    public var count: Int
    /// Their mean probability.
    public var meanProbability: Double
    /// Their mean reward.
    public var meanReward: Double

    enum CodingKeys: String, CodingKey {
        case from
        case count = "n"
        case meanProbability = "mean_probability"
        case meanReward = "mean_reward"
    }
}

extension ReliabilityBin {
    /// The bins that have responses, lowest first.
    static func bins(_ items: [ScoredResponse]) -> [ReliabilityBin] {
        Dictionary(grouping: items) { min(9, Int($0.probability * 10)) }
            .sorted { $0.key < $1.key }
            .compactMap { bin, items in
                guard let probability = mean(items.map(\.probability)),
                    let reward = mean(items.map(\.reward))
                else { return nil }
                return ReliabilityBin(
                    from: Double(bin) / 10, count: items.count, meanProbability: probability,
                    meanReward: reward)
            }
    }
}
