import RefluxCore

/// The rewards of a step by group: mu and sigma of each prompt's responses.
struct GroupStatistics: Sendable {
    /// The statistics of each group that occurs.
    var byGroup: [Int: SampleStatistics]
    /// The statistics of all rewards of the step.
    var all: SampleStatistics

    /// Measures the rewards of a batch.
    init(_ batch: RolloutBatch) {
        let members = Dictionary(grouping: batch.rewards.indices) { batch.groups[$0] }
        byGroup = members.mapValues { SampleStatistics($0.map { batch.rewards[$0] }) }
        all = SampleStatistics(batch.rewards)
    }

    /// mu of a group.
    func mean(of group: Int) -> Double { byGroup[group]?.mean ?? 0 }

    /// sigma of a group; 0 for a group of one.
    func deviation(of group: Int) -> Double { byGroup[group]?.deviation ?? 0 }

    /// `reward_mean`, `reward_deviation` and `zero_variance_groups`: the fraction of the groups whose
    /// rewards are all equal, so that nothing can be learnt from comparing them.
    var metrics: [String: Double] {
        let equal = byGroup.values.count { $0.isConstant }
        return [
            "reward_mean": all.mean, "reward_deviation": all.deviation,
            "zero_variance_groups": Double(equal) / Double(max(1, byGroup.count)),
        ]
    }
}
