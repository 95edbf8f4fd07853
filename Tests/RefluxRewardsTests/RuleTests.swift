import RefluxCore
import RefluxRewards
import RefluxTesting
import Testing

struct VoteCountTests {
    @Test func ranksAnswersByVotesThenByTheirFirstVote() {
        let count = VoteCount(["b", "a", nil, "a", "c", "b"])
        #expect(count.ranking.map(\.answer) == ["b", "a", "c"])
        #expect(count.ranking.map(\.votes) == [2, 2, 1])
        #expect(count.leaders == ["b", "a"])
        #expect(count.voters == 6 && count.share == 2.0 / 6 && count.margin == 0)
    }

    @Test func measuresTheLeadOverTheSecond() {
        #expect(VoteCount(["a", "a", "a", "b", nil]).margin == 0.4)
        #expect(VoteCount(["a", nil]).margin == 0.5)
        let none = VoteCount([nil, nil] as [String?])
        #expect(none.share == 0 && none.margin == 0 && none.leaders.isEmpty)
        #expect(VoteCount([] as [String?]).share == 0)
    }
}

struct TeacherMajorityTests {
    private func judge(
        _ answers: [String?], teachers: Int, index: Int = 0, _ rule: TeacherMajority
    ) -> GroupJudgement {
        rule.judge(PseudoRewardRuleConformance.group(answers, teachers: teachers, index: index))
    }

    @Test func rewardsAgreementWithTheTeachersMajority() {
        let judgement = judge(["7", "7", "8", nil, "7", "8", nil], teachers: 4, TeacherMajority())
        #expect(judgement.label == "7" && judgement.abstention == nil)
        #expect(judgement.verdicts.map(\.reward) == [1, 1, 0, 0, 1, 0, 0])
        #expect(judgement.metrics == ["share": 0.5, "margin": 0.25, "voters": 3])
    }

    @Test func studentsDoNotVote() {
        let judgement = judge(["7", "8", "8", "8"], teachers: 1, TeacherMajority())
        #expect(judgement.label == "7")
        #expect(judgement.verdicts.map(\.reward) == [1, 0, 0, 0])
    }

    @Test(
        arguments: [
            (["7", "8", "9"], 2, "tie"), ([nil, nil, "7"], 2, "no teacher answer"),
            (["7"], 0, "no teacher response"),
            (["7", "8", nil, "9", "7"] as [String?], 5, "share below 0.5"),
            (["7", "7", "7", "8", "8"], 5, "margin below 0.4"),
        ])
    func abstainsForAllWithAReason(answers: [String?], teachers: Int, reason: String) {
        let rule = TeacherMajority(minShare: 0.5, minMargin: 0.4)
        let judgement = judge(answers, teachers: teachers, rule)
        #expect(judgement.label == nil && judgement.abstention == reason)
        #expect(judgement.verdicts == answers.map { _ in .abstain(reason) })
    }

    @Test func firstTakesTheAnswerThatWasVotedForFirst() {
        let judgement = judge(["8", "7", "7", "8"], teachers: 4, TeacherMajority(tie: .first))
        #expect(judgement.label == "8")
    }

    @Test func randomTakesTiedAnswersBySeedAndPromptAlone() {
        let rule = TeacherMajority(tie: .random, seed: 3)
        let labels = (0..<200).map { judge(["7", "8", nil], teachers: 3, index: $0, rule).label }
        let sevens = labels.count { $0 == "7" }
        #expect((70...130).contains(sevens))
        #expect(labels.allSatisfy { $0 == "7" || $0 == "8" })
        let turned = (0..<200).map { judge([nil, "8", "7"], teachers: 3, index: $0, rule).label }
        #expect(turned == labels)
        let other = TeacherMajority(tie: .random, seed: 4)
        #expect((0..<200).map { judge(["7", "8"], teachers: 2, index: $0, other).label } != labels)
    }

    @Test(arguments: TiePolicy.allCases)
    func keepsThePromisesOfARule(tie: TiePolicy) async throws {
        for share in [0, 0.5, 1] {
            try await PseudoRewardRuleConformance.check(
                TeacherMajority(minShare: share, tie: tie, seed: 1), ordered: tie == .first)
        }
    }

    @Test func isMadeFromTheRunFile() throws {
        var registry = ExtensionRegistry()
        try registerRules(in: &registry)
        let table = try reader([
            "use": .string("teacher-majority"), "min_share": .number(0.5), "tie": .string("random"),
        ])
        let rule = try registry.make(.rule, from: table, context: context(seed: 11))
        let majority = try #require(rule as? TeacherMajority)
        #expect(majority.vote == MajorityVote(minShare: 0.5, tie: .random, cut: .vote, seed: 11))
        for (key, value) in [
            ("min_share", ConfigurationValue.integer(2)), ("min_shar", .integer(1)),
        ] {
            let wrong = try reader(["use": .string("teacher-majority"), key: value])
            #expect(throws: RefluxError.self) {
                try registry.make(.rule, from: wrong, context: context())
            }
        }
    }
}

struct GoldAgreementTests {
    @Test func comparesWithGoldAndSaysSo() async throws {
        let rule = GoldAgreement()
        #expect(rule.needsGold)
        let group = PseudoRewardRuleConformance.group(["7", "8", nil], gold: "8")
        #expect(rule.judge(group).verdicts.map(\.reward) == [0, 1, 0])
        let without = PseudoRewardRuleConformance.group(["7"], gold: nil)
        #expect(rule.judge(without).verdicts == [.abstain("no gold")])
        try await PseudoRewardRuleConformance.check(rule)
    }
}

/// The suite must find what it promises to find.
struct RuleConformanceTests {
    enum Fault: String, CaseIterable {
        case oneVerdict = "one verdict"
        case finite
        case order = "change places"
        case reason
        case repeatable = "same judgement"
    }

    struct Rule: PseudoRewardRule {
        let name = "broken"
        let fault: Fault

        func judge(_ group: ResponseGroup) -> GroupJudgement {
            let verdicts: [Verdict] =
                switch fault {
                case .oneVerdict: []
                case .finite: group.answers.map { _ in .reward(.nan) }
                case .order: group.answers.indices.map { .reward(Double($0)) }
                case .reason: group.answers.map { _ in .abstain("") }
                case .repeatable: group.answers.map { _ in .reward(.random(in: 0...1)) }
                }
            return GroupJudgement(label: nil, verdicts: verdicts)
        }
    }

    @Test(arguments: Fault.allCases)
    func findsBrokenRules(fault: Fault) async throws {
        let failure = await #expect(throws: ConformanceFailure.self) {
            try await PseudoRewardRuleConformance.check(Rule(fault: fault))
        }
        #expect(failure?.description.contains(fault.rawValue) == true)
    }
}
