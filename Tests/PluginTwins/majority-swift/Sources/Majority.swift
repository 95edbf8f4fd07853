import RefluxPluginKit

/// The twin of the built-in rule `teacher-majority`: a run with it gives the same bits.
struct Majority: PseudoRewardRule {
    static let about = About(
        id: "majority-swift", title: "Agreement with the teacher's majority answer",
        description: "The twin of the built-in rule teacher-majority, in Swift.",
        settings: [
            .number(
                "min_share", default: 0, in: 0...1,
                "The smallest share of the teacher responses that makes a label."),
            .number(
                "min_margin", default: 0, in: 0...1,
                "The smallest lead over the second answer, as such a share."),
            .text(
                "tie", default: "abstain", oneOf: ["abstain", "random", "first"],
                "What to do when several answers share the most votes."),
        ],
        stability: .stable)

    enum Tie: String {
        case abstain, random, first
    }

    let minShare: Double
    let minMargin: Double
    let tie: Tie
    let seed: UInt64

    init(_ settings: Settings, host: HostInfo) throws {
        minShare = try settings.number("min_share")
        minMargin = try settings.number("min_margin")
        tie = try settings.choice("tie")
        seed = host.seed
    }

    func judge(_ group: ResponseGroup, call: Call) -> Judgement {
        let votes = Votes(group.teachers.map(\.answer))
        let metrics = [
            "share": votes.share, "margin": votes.margin, "voters": Double(votes.answered),
        ]
        switch decide(votes, prompt: group.prompt.index) {
        case .label(let label):
            return Judgement(
                label: label,
                verdicts: group.responses.map { .reward($0.answer == label ? 1 : 0) },
                metrics: metrics)
        case .none(let reason):
            return .abstaining(group, because: reason, metrics: metrics)
        }
    }

    private enum Decision {
        case label(String)
        case none(String)
    }

    private func decide(_ votes: Votes, prompt: Int) -> Decision {
        let leaders = votes.leaders
        guard var label = leaders.first else {
            return .none(votes.voters == 0 ? "no teacher response" : "no teacher answer")
        }
        if leaders.count > 1 {
            switch tie {
            case .abstain: return .none("tie")
            case .first: break
            case .random:
                var generator = LabelGenerator(seed: seed, prompt: prompt)
                label = leaders.sorted().randomElement(using: &generator) ?? label
            }
        }
        if votes.share < minShare { return .none("share below \(minShare)") }
        if votes.margin < minMargin { return .none("margin below \(minMargin)") }
        return .label(label)
    }
}
