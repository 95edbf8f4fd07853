import RefluxCore
import RefluxPluginHost
import RefluxTesting

/// What the checker does with pseudo-reward rules.
struct RuleExercise: Exercise {
    private let groups: [ResponseGroup]

    init(seed: UInt64) {
        var samples = Samples(seed: seed)
        groups =
            [Self.ordinary] + (1...12).map { samples.group(index: $0) }
            + [Self.oneResponse, Self.noAnswers] + Self.odd
    }

    var inputCount: Int { groups.count }

    func make(_ bench: Bench) throws -> any PseudoRewardRule {
        try bench.runtime.makeRule(bench.request)
    }

    func output(of input: Int, from rule: any PseudoRewardRule) async throws -> String {
        Self.text(of: try await rule.judge(Self.visible(groups[input], to: rule)))
    }

    func longCall(_ rule: any PseudoRewardRule) async throws {
        for index in 0..<200 {
            try Task.checkCancellation()
            _ = try await rule.judge(Self.visible(Self.large(index: index), to: rule))
        }
    }

    var behaviours: [Behaviour<any PseudoRewardRule>] {
        [
            Behaviour("ordinary", "an ordinary group is judged without an error") { rule, bench in
                try await judge([Self.ordinary], by: rule, bench)
            },
            Behaviour("empty-group", "a group without responses has no verdicts") { rule, bench in
                let group = PseudoRewardRuleConformance.group([])
                try await allowingRefusal { try await judge([group], by: rule, bench) }
            },
            Behaviour("one-response", "a group of one response is judged") { rule, bench in
                try await allowingRefusal { try await judge([Self.oneResponse], by: rule, bench) }
            },
            Behaviour("no-answers", "a group without answers is judged") { rule, bench in
                try await allowingRefusal { try await judge([Self.noAnswers], by: rule, bench) }
            },
            Behaviour("odd-groups", "ties, one role only, random groups are judged") {
                rule, bench in
                for group in groups + Self.odd {
                    try await allowingRefusal { try await judge([group], by: rule, bench) }
                }
            },
            Behaviour("unusual-texts", "unusual texts and answers are judged") { rule, bench in
                for text in Samples.unusualTexts {
                    let group = Self.unusual(text)
                    try await allowingRefusal { try await judge([group], by: rule, bench) }
                }
            },
            Behaviour("large-group", "a group of 2,000 responses is judged") { rule, bench in
                let group = Self.large(index: 1)
                try await allowingRefusal { try await judge([group], by: rule, bench) }
            },
        ]
    }

    private static let ordinary = PseudoRewardRuleConformance.group(["7", "7", "8", nil])
    private static let oneResponse = PseudoRewardRuleConformance.group(["7"])
    private static let noAnswers = PseudoRewardRuleConformance.group([nil, nil, nil])

    private static var odd: [ResponseGroup] {
        [
            PseudoRewardRuleConformance.group(["7", "8"]),
            PseudoRewardRuleConformance.group(["7", "7", "8", "8", nil]),
            PseudoRewardRuleConformance.group(["7", "8", nil], teachers: 0),
            PseudoRewardRuleConformance.group(["7", "7", "8", nil], teachers: 4),
            PseudoRewardRuleConformance.group([nil]),
            PseudoRewardRuleConformance.group(["", " ", "ä\u{308}", "👩‍👩‍👧", "-0", "nan"]),
            PseudoRewardRuleConformance.group((0..<33).map { "\($0)" }),
        ]
    }

    private static func large(index: Int) -> ResponseGroup {
        PseudoRewardRuleConformance.group(
            (0..<2_000).map { $0 % 5 == 0 ? nil : "\($0 % 7)" }, index: index)
    }

    /// A group with a text as prompt, response, and, where it holds no NUL, as answer.
    private static func unusual(_ text: String) -> ResponseGroup {
        let answer = text.utf8.contains(0) ? nil : text
        var group = PseudoRewardRuleConformance.group([answer, "7", nil, answer])
        group.prompt.content = .text(text)
        for index in group.responses.indices { group.responses[index].text = text }
        group.responses[0].tokenCount = nil
        group.responses[0].meanLogProbability = nil
        group.responses[0].temperature = nil
        group.responses[0].finish = .unknown
        return group
    }

    private static func visible(_ group: ResponseGroup, to rule: any PseudoRewardRule)
        -> ResponseGroup
    {
        var group = group
        if !rule.needsGold { group.gold = nil }
        return group
    }

    /// A judgement as a text that tells apart every bit.
    static func text(of judgement: GroupJudgement) -> String {
        let verdicts = judgement.verdicts.map { verdict in
            switch verdict {
            case .reward(let value): bits(value)
            case .abstain(let reason): "abstain(\(reason))"
            }
        }
        return "label \(judgement.label ?? "none") (\(judgement.abstention ?? "")) verdicts"
            + " \(verdicts.joined(separator: " ")) metrics \(bits(judgement.metrics))"
    }

    private func judge(
        _ groups: [ResponseGroup], by rule: any PseudoRewardRule, _ bench: Bench
    ) async throws {
        for group in groups {
            let judgement = try await rule.judge(Self.visible(group, to: rule))
            guard judgement.verdicts.count == group.responses.count else {
                throw bench.failure(
                    "call.result", found: "\(judgement.verdicts.count) verdicts",
                    wanted: "one for each of \(group.responses.count) responses",
                    remedy: "Give every response a reward or an abstention.", item: group.prompt.id)
            }
        }
    }
}
