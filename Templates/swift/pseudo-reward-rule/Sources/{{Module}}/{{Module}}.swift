import RefluxPluginKit

/// A response earns 1 when its answer is the one that most teachers gave, and less when it is another.
struct {{Module}}: PseudoRewardRule {
    static let about = About(
        id: "{{id}}", title: "{{title}}",
        description: "Agreement with the answer that most of the teachers' responses have.",
        settings: [
            .number(
                "min_share", default: 0.5, in: 0...1,
                "the smallest share of the teachers' responses that makes a label"),
            .number("otherwise", default: 0, in: 0...1, "the reward of every other response"),
        ])

    let minShare: Double
    let otherwise: Double

    init(_ settings: Settings, host: HostInfo) throws {
        minShare = try settings.number("min_share")
        otherwise = try settings.number("otherwise")
    }

    func judge(_ group: ResponseGroup, call: Call) -> Judgement {
        var votes: [String: Int] = [:]
        for case .some(let answer) in group.teachers.map(\.answer) {
            votes[answer, default: 0] += 1
        }
        guard let most = votes.values.max() else {
            return .abstaining(group, because: "no teacher answer")
        }
        let share = Double(most) / Double(group.teachers.count)
        // Not `votes.first`: the order of a Dictionary differs from process to process.
        let leaders = votes.filter { $0.value == most }.keys
        guard let label = leaders.first, leaders.count == 1 else {
            return .abstaining(group, because: "tie", metrics: ["share": share])
        }
        guard share >= minShare else {
            return .abstaining(group, because: "share below \(minShare)", metrics: ["share": share])
        }
        return Judgement(
            label: label,
            verdicts: group.responses.map { .reward($0.answer == label ? 1 : otherwise) },
            metrics: ["share": share])
    }
}
