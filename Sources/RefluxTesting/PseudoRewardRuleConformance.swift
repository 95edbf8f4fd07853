public import RefluxCore

/// Checks that a rule keeps the promises of ``PseudoRewardRule``: one verdict for each response,
/// finite numbers, the same judgement for the same group, from any thread, whatever the group.
public enum PseudoRewardRuleConformance {
    /// Checks a rule.
    ///
    /// - Parameters:
    ///   - rule: the rule.
    ///   - ordered: whether the rule may depend on the order of the responses; most may not: when
    ///     the responses change places, their verdicts go with them.
    /// - Throws: ``ConformanceFailure``, or what the rule throws.
    public static func check(_ rule: any PseudoRewardRule, ordered: Bool = false) async throws {
        try require(!rule.name.isEmpty, "A rule has a name", found: "it is empty")
        for group in groups {
            let judgement = try await judge(group, by: rule)
            let again = try await judge(group, by: rule)
            try require(
                judgement == again, "The same group gives the same judgement",
                found: "\(judgement) was followed by \(again)")
            if !ordered { try await checkOrder(of: group, judgement: judgement, rule: rule) }
        }
        try await checkThreads(of: rule)
    }

    /// Groups that have led rules astray: empty, of one, without answers, tied, one role only,
    /// unusual answers, large.
    public static var groups: [ResponseGroup] {
        [
            group([]), group(["7"]), group([nil]), group([nil, nil, nil]),
            group(["7", "7", "8"]), group(["7", "8"]), group(["7", "7", "8", "8", nil]),
            group(["7", "8", nil], teachers: 0), group(["7", "7", "8", nil], teachers: 4),
            group(["", " ", "\u{0}", "ä\u{308}", "👩‍👩‍👧", "-0", "nan"]),
            group([String](repeating: "1", count: 3) + ["2"], gold: nil),
            group((0..<512).map { $0 % 5 == 0 ? nil : "\($0 % 7)" }),
        ]
    }

    /// A group with the given answers; the first half of the responses, or `teachers` of them, are
    /// a teacher's.
    public static func group(
        _ answers: [String?], teachers: Int? = nil, index: Int = 0, gold: String? = "7"
    ) -> ResponseGroup {
        let teachers = teachers ?? (answers.count + 1) / 2
        let responses = answers.enumerated().map { place, answer in
            Response(
                promptID: "p/\(index)", text: answer.map { "It is \($0)." } ?? "I do not know.",
                role: place < teachers ? .teacher : .student,
                source: place < teachers ? "teacher" : "student", model: "scripted",
                sample: place < teachers ? place : place - teachers, temperature: 1, seed: 0,
                finish: .stop, tokenCount: 4, meanLogProbability: -0.5 - 0.01 * Double(place))
        }
        return ResponseGroup(
            prompt: Prompt(id: "p/\(index)", index: index, content: .text("How many?")),
            responses: responses, answers: answers, gold: gold)
    }

    private static func judge(
        _ group: ResponseGroup, by rule: any PseudoRewardRule
    ) async throws -> GroupJudgement {
        var group = group
        if !rule.needsGold { group.gold = nil }
        let judgement = try await rule.judge(group)
        try require(
            judgement.verdicts.count == group.responses.count,
            "A rule gives one verdict for each response",
            found: "there are \(judgement.verdicts.count) for \(group.responses.count)")
        let numbers = judgement.verdicts.compactMap(\.reward) + judgement.metrics.values
        try require(
            numbers.allSatisfy(\.isFinite), "Rewards and metrics are finite",
            found: "there is \(numbers.first { !$0.isFinite } ?? .nan)")
        for case .abstain(let reason) in judgement.verdicts {
            try require(!reason.isEmpty, "An abstention has a reason", found: "it is empty")
        }
        return judgement
    }

    private static func checkOrder(
        of group: ResponseGroup, judgement: GroupJudgement, rule: any PseudoRewardRule
    ) async throws {
        var reversed = group
        reversed.responses.reverse()
        reversed.answers.reverse()
        let other = try await judge(reversed, by: rule)
        try require(
            other.label == judgement.label && other.verdicts == judgement.verdicts.reversed(),
            "When the responses change places, their verdicts go with them",
            found: "\(judgement) became \(other)")
    }

    private static func checkThreads(of rule: any PseudoRewardRule) async throws {
        let groups = groups
        var alone: [GroupJudgement] = []
        for group in groups { alone.append(try await judge(group, by: rule)) }
        let together = try await withThrowingTaskGroup(of: (Int, GroupJudgement).self) { tasks in
            for turn in 0..<8 * groups.count {
                let place = turn % groups.count
                tasks.addTask { (place, try await judge(groups[place], by: rule)) }
            }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        for (place, judgement) in together {
            try require(
                judgement == alone[place], "A rule gives the same judgement from several threads",
                found: "\(alone[place]) became \(judgement)")
        }
    }
}
