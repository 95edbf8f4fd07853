import RefluxPluginKit

/// Agreement with the teachers' majority, less a penalty for being longer than the teachers' right
/// answers are. How long that is, is learnt from the group itself; see the README for the formula.
struct LengthAwareAgreement: PseudoRewardRule {
    static let about = About(
        id: "length-aware-agreement", title: "Length-aware agreement",
        description: """
            A response earns 1 when its answer is the one that most teachers gave, less a penalty \
            when it is far longer than the teachers' responses with that answer. Responses that were \
            cut by a limit abstain.
            """,
        settings: [
            .number("weight", default: 0.3, in: 0...1, "the largest penalty; 0 switches it off"),
            .number(
                "tolerance", default: 2, in: 0...1000,
                "how many robust deviations above the median length are free"),
            .number(
                "min_share", default: 0, in: 0...1,
                "the smallest share of the teachers' responses that makes a label"),
            .text(
                "tie", default: TiePolicy.abstain.rawValue,
                oneOf: TiePolicy.allCases.map(\.rawValue),
                "what happens when several answers lead: no label, or the lowest of them"),
        ],
        stability: .stable)

    private let weight: Double
    private let tolerance: Double
    private let vote: MajorityVote

    init(_ settings: Settings, host: HostInfo) throws {
        weight = try settings.number("weight")
        tolerance = try settings.number("tolerance")
        vote = MajorityVote(
            minShare: try settings.number("min_share"), tie: try settings.choice("tie"))
    }

    func judge(_ group: ResponseGroup, call: Call) -> Judgement {
        let measure = LengthMeasure(group.responses)
        switch vote.decide(group.teachers) {
        case .none(let reason, let share):
            return .abstaining(group, because: reason, metrics: ["share": share])
        case .label(let label, let share):
            let accepted = group.teachers.filter { $0.finish != .length && $0.answer == label }
            let scale = LengthScale(accepted.map { measure.length(of: $0) })
            return Judgement(
                label: label,
                verdicts: group.responses.map { verdict($0, label, measure.length(of: $0), scale) },
                metrics: ["share": share, "length_median": scale.median])
        }
    }

    private func verdict(
        _ response: Response, _ label: String, _ length: Double, _ scale: LengthScale
    ) -> Verdict {
        if response.finish == .length { return .abstain("cut") }
        guard response.answer == label else { return .reward(0) }
        let excess = scale.deviations(of: length) - tolerance
        let penalty = weight * min(1, max(0, excess) / LengthScale.ramp)
        return .reward(min(1, max(0, 1 - penalty)))
    }
}
