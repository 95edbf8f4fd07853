import RefluxCore

/// What a combination does where one of its parts abstains.
public enum AbstentionPolicy: String, Sendable, CaseIterable {
    /// The response abstains, with the part's name and reason.
    case abstain
    /// The other parts decide; where all abstain, the response does.
    case skip
}

/// Several rules that judge the same group, and how their rewards become one.
struct RuleCombination: Sendable {
    /// The rules.
    let parts: [RulePart]
    /// What to do where one abstains.
    let onAbstain: AbstentionPolicy

    /// Whether one of the rules reads gold.
    var needsGold: Bool { parts.contains { $0.rule.needsGold } }

    /// Has every rule judge a group, one after the other.
    ///
    /// The label is the first that a part has. Metrics: `share`, `margin` and `voters` of that
    /// part, or of the first that has them, and all of every part as `PART.METRIC`.
    ///
    /// - Parameters:
    ///   - group: the responses.
    ///   - combine: one reward of those of the parts that have a weight and do not abstain; never
    ///     called with none.
    /// - Returns: the judgement.
    /// - Throws: what a part throws, with its name.
    func judge(
        _ group: ResponseGroup, combine: ([(reward: Double, weight: Double)]) -> Double
    ) async throws -> GroupJudgement {
        var judgements: [GroupJudgement] = []
        for part in parts { judgements.append(try await part.judge(group)) }
        let verdicts = group.responses.indices.map { place in
            verdict(judgements.map { $0.verdicts[place] }, combine: combine)
        }
        let leader =
            judgements.firstIndex { $0.label != nil }
            ?? judgements.firstIndex { $0.metrics["share"] != nil }
        let label = leader.flatMap { judgements[$0].label }
        let reason = zip(parts, judgements).lazy.compactMap { part, judgement in
            judgement.abstention.map { "\(part.name): \($0)" }
        }.first
        return GroupJudgement(
            label: label, abstention: label == nil ? reason : nil, verdicts: verdicts,
            metrics: metrics(judgements, leader: leader))
    }

    private func verdict(
        _ verdicts: [Verdict], combine: ([(reward: Double, weight: Double)]) -> Double
    ) -> Verdict {
        var rewards: [(reward: Double, weight: Double)] = []
        var reasons: [String] = []
        for (part, verdict) in zip(parts, verdicts) where part.weight > 0 {
            switch verdict {
            case .reward(let reward): rewards.append((reward, part.weight))
            case .abstain(let reason): reasons.append("\(part.name): \(reason)")
            }
        }
        if let reason = reasons.first, onAbstain == .abstain || rewards.isEmpty {
            return .abstain(reason)
        }
        return .reward(combine(rewards))
    }

    private func metrics(_ judgements: [GroupJudgement], leader: Int?) -> [String: Double] {
        var metrics: [String: Double] = [:]
        for (part, judgement) in zip(parts, judgements) {
            for (name, value) in judgement.metrics { metrics["\(part.name).\(name)"] = value }
        }
        guard let leader else { return metrics }
        for name in ["share", "margin", "voters"] {
            metrics[name] = judgements[leader].metrics[name]
        }
        return metrics
    }
}
