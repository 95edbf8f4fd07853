import RefluxCore
import RefluxRewards
import RefluxTesting
import Testing

/// A group whose responses at the given places were cut by the limit on their tokens.
private func cutGroup(
    _ answers: [String?], teachers: Int? = nil, cut: Set<Int> = []
) -> ResponseGroup {
    var group = PseudoRewardRuleConformance.group(answers, teachers: teachers)
    for place in cut { group.responses[place].finish = .length }
    return group
}

struct TieLowestTests {
    @Test(
        arguments: [
            (["10", "9"], "9"), (["-2", "1"], "-2"), (["-2", "-10"], "-10"),
            ([".5", "0.25"], "0.25"),
            (["12345678901234567891", "12345678901234567890"], "12345678901234567890"),
            (["0.30000000000000001", "0.3"], "0.3"), (["C", "A"], "A"), (["10", "9a"], "10"),
            (["b", "B"], "B"), (["1e3", "2"], "1e3"), (["z", "ä"], "z"), (["nan", "inf"], "inf"),
            (["-0", "0"], "-0"), (["-", "."], "-"), (["007", "6", "70"], "6"),
        ])
    func takesNumbersByValueAndOthersByScalars(answers: [String], lowest: String) {
        for order in [answers, answers.reversed()] {
            let judgement = TeacherMajority(tie: .lowest).judge(
                cutGroup(order, teachers: order.count))
            #expect(judgement.label == lowest)
        }
    }

    @Test func decidesBetweenTiedAnswersOnly() {
        let group = cutGroup(["3", "7", "7", "8", "8"], teachers: 5)
        #expect(TeacherMajority(tie: .lowest).judge(group).label == "7")
    }
}

struct CutPolicyTests {
    @Test func aCutResponseNeitherVotesNorEarns() {
        let group = cutGroup(["7", "7", "8", "7"], teachers: 3, cut: [0, 1, 3])
        let strict = TeacherMajority(cut: .abstain).judge(group)
        #expect(strict.label == "8" && strict.verdicts.map(\.reward) == [0, 0, 1, 0])
        #expect(strict.metrics["share"] == 1.0 / 3 && strict.metrics["voters"] == 1)
        let open = TeacherMajority().judge(group)
        #expect(open.label == "7" && open.verdicts.map(\.reward) == [1, 1, 0, 1])
    }

    @Test(arguments: ["self-majority", "pooled-majority", "vote-share", "majority-pairs"])
    func isTheDefaultOfTheOtherRules(id: String) async throws {
        let group = cutGroup(["7", "7", "8", "8", "8"], teachers: 0, cut: [2, 3, 4])
        let judgement = try await rule(["use": .string(id)]).judge(group)
        #expect(judgement.label == "7")
        #expect(judgement.verdicts.suffix(3).allSatisfy { ($0.reward ?? 0) == 0 })
        let all = try await rule(["use": .string(id), "cut": .string("vote")]).judge(group)
        #expect(all.label == "8")
    }
}

struct WeightedVoteTests {
    @Test func sumsDoNotDependOnTheOrderAndTieWhereTheyShould() {
        let ballots = [("a", 0.1), ("a", 0.2), ("b", 0.3)].map { VoteCount.Ballot($0, weight: $1) }
        let count = VoteCount(ballots: ballots)
        #expect(count.leaders == ["a", "b"] && count.margin == 0 && count.share == 0.5)
        #expect(VoteCount(ballots: ballots.reversed()).leaders == ["b", "a"])
    }

    @Test func whoHasNoWeightIsNotAsked() {
        let count = VoteCount(ballots: [.init("a"), .init("b", weight: 0), .init(nil, weight: 3)])
        #expect(count.voters == 2 && count.answered == 1 && count.total == 4)
        #expect(count.share == 0.25 && count.votes(for: "b") == 0)
    }
}

struct SelfMajorityTests {
    @Test func onlyTheStudentVotesAndAllEarn() {
        let judgement = SelfMajority().judge(cutGroup(["7", "7", "8", "8", nil], teachers: 2))
        #expect(judgement.label == "8")
        #expect(judgement.verdicts.map(\.reward) == [0, 0, 1, 1, 0])
        #expect(judgement.metrics == ["share": 2.0 / 3, "margin": 2.0 / 3, "voters": 2])
    }

    @Test func abstainsBeforeTheStudentHasAnswered() {
        let rule = SelfMajority()
        #expect(rule.judge(cutGroup(["7"], teachers: 1)).abstention == "no student response")
        #expect(rule.judge(cutGroup(["7", nil], teachers: 1)).abstention == "no student answer")
    }
}

struct PooledMajorityTests {
    private let group = cutGroup(["7", "8", "8", "9"], teachers: 1)

    @Test func poolsWithWeights() {
        #expect(PooledMajority().judge(group).label == "8")
        let teacher = PooledMajority(teacherWeight: 3, studentWeight: 1).judge(group)
        #expect(teacher.label == "7" && teacher.verdicts.map(\.reward) == [1, 0, 0, 0])
        #expect(teacher.metrics == ["share": 0.5, "margin": 1.0 / 6, "voters": 4])
        #expect(PooledMajority(teacherWeight: 2).judge(group).abstention == "tie")
        #expect(PooledMajority(studentWeight: 0).judge(group).label == "7")
    }

    @Test func aSourceMayHaveItsOwnWeight() {
        var group = group
        group.responses[3].source = "wise"
        let rule = PooledMajority(weights: ["wise": 2.5])
        #expect(rule.judge(group).label == "9")
    }

    @Test func saysWhyNobodyVoted() {
        #expect(
            PooledMajority(teacherWeight: 0).judge(cutGroup(["7"], teachers: 1)).abstention
                == "no response")
        #expect(PooledMajority().judge(cutGroup([nil])).abstention == "no answer")
    }

    @Test func readsWeightsOfSources() async throws {
        let place = SourceLocation(path: "run.yaml")
        let weights = ConfigurationValue.table([
            .init("large", .init(.integer(2), at: place)),
            .init("small", .init(.number(0.5), at: place)),
        ])
        let table = try reader(["use": .string("pooled-majority"), "weights": weights])
        var registry = ExtensionRegistry()
        try registerRules(in: &registry)
        let rule = try registry.make(.rule, from: table, context: context())
        #expect((rule as? PooledMajority)?.weights == ["large": 2, "small": 0.5])
        guard case .table(let entries) = table.resolved.value else {
            Issue.record("no table")
            return
        }
        #expect(entries.contains { $0.key == "weights" })
        let wrong = ConfigurationValue.table([.init("large", .init(.string("2"), at: place))])
        await #expect(throws: RefluxError.self) {
            try await self.make(["weights": wrong])
        }
        await #expect(throws: RefluxError.self) {
            try await self.make(["teacher_weight": .integer(0), "student_weight": .integer(0)])
        }
    }

    private func make(_ keys: [String: ConfigurationValue]) async throws {
        _ = try rule(keys.merging(["use": .string("pooled-majority")]) { $1 })
    }
}

struct VoteShareTests {
    @Test func rewardsTheShareOfTheVotes() {
        let judgement = VoteShare().judge(cutGroup(["7", "7", "8", nil]))
        #expect(judgement.label == "7")
        #expect(judgement.verdicts.map(\.reward) == [0.5, 0.5, 0.25, 0])
    }

    @Test func theLabelDoesNotDecideTheRewards() {
        let tied = VoteShare().judge(cutGroup(["7", "8"]))
        #expect(tied.label == nil && tied.abstention == "tie")
        #expect(tied.verdicts.map(\.reward) == [0.5, 0.5])
        let none = VoteShare().judge(cutGroup([nil, nil]))
        #expect(none.abstention == "no answer" && none.verdicts.map(\.reward) == [0, 0])
    }

    @Test func othersMayVote() {
        let judgement = VoteShare(voters: .student).judge(
            cutGroup(["7", "8", "8", "9"], teachers: 1))
        let expected: [Double?] = [0, 2.0 / 3, 2.0 / 3, 1.0 / 3]
        #expect(judgement.verdicts.map(\.reward) == expected)
        let nobody = VoteShare(voters: .student).judge(cutGroup(["7"], teachers: 1))
        #expect(nobody.verdicts == [.abstain("no student response")])
        let weak = VoteShare(minShare: 0.75).judge(cutGroup(["7", "8"]))
        #expect(weak.verdicts == [.abstain("share below 0.75"), .abstain("share below 0.75")])
    }
}

struct MajorityPairsTests {
    @Test func setsTheMostAgainstTheLeastVoted() {
        let judgement = MajorityPairs().judge(
            cutGroup(["7", "7", "7", "8", "8", "9", "6", nil], teachers: 3))
        #expect(judgement.label == "7")
        #expect(judgement.verdicts.map(\.reward) == [1, 1, 1, nil, nil, 0, 0, nil])
        #expect(judgement.verdicts[3] == .abstain("between the first and the last answer"))
        #expect(judgement.verdicts[7] == .abstain("no answer"))
        #expect(judgement.metrics["weight"] == 0.25)
    }

    @Test func needsTwoDifferentCounts() {
        let one = MajorityPairs().judge(cutGroup(["7", "7", nil]))
        #expect(one.label == "7" && one.metrics["weight"] == 0)
        #expect(one.verdicts[0] == .abstain("one answer only"))
        for tie in TiePolicy.allCases {
            let tied = MajorityPairs(MajorityVote(tie: tie)).judge(cutGroup(["7", "8"]))
            #expect(tied.abstention == "tie")
        }
        let two = MajorityPairs(MajorityVote(tie: .lowest)).judge(
            cutGroup(["8", "8", "7", "7", "9"]))
        #expect(two.label == "7" && two.verdicts.map(\.reward) == [nil, nil, 1, 1, 0])
    }

    @Test func whatNobodyVotedForSaysNothing() {
        let judgement = MajorityPairs(voters: .teacher).judge(
            cutGroup(["7", "7", "8", "9", "8"], teachers: 3))
        #expect(judgement.verdicts.map(\.reward) == [1, 1, 0, nil, 0])
        #expect(judgement.verdicts[3] == .abstain("not voted for"))
    }
}

struct TeacherPreferredTests {
    @Test func rightTeachersBeatWrongStudents() {
        let judgement = TeacherPreferred().judge(
            cutGroup(["7", "7", "8", "7", "8", nil], teachers: 3))
        #expect(judgement.label == "7")
        #expect(judgement.verdicts.map(\.reward) == [1, 1, nil, nil, 0, 0])
        #expect(judgement.verdicts[2] == .abstain("the teacher disagrees with the label"))
        #expect(judgement.verdicts[3] == .abstain("the student agrees with the label"))
    }
}

struct VotingRuleConformanceTests {
    @Test(arguments: TiePolicy.allCases)
    func keepThePromisesOfARule(tie: TiePolicy) async throws {
        for share in [0, 0.5] {
            let vote = MajorityVote(minShare: share, minMargin: share / 4, tie: tie, seed: 3)
            let rules: [any PseudoRewardRule] = [
                SelfMajority(vote), PooledMajority(vote), TeacherPreferred(vote),
                PooledMajority(vote, teacherWeight: 0.1, studentWeight: 0.3),
                MajorityPairs(vote), MajorityPairs(vote, voters: .student),
                VoteShare(minShare: share), VoteShare(voters: .teacher),
            ]
            for rule in rules {
                try await PseudoRewardRuleConformance.check(rule, ordered: tie == .first)
            }
        }
    }

    @Test func noAnswerNeverEarns() async throws {
        for group in PseudoRewardRuleConformance.groups {
            for id in [
                "teacher-majority", "self-majority", "pooled-majority", "vote-share",
                "majority-pairs", "teacher-preferred",
            ] {
                let judgement = try await rule(["use": .string(id)]).judge(group)
                for (verdict, answer) in zip(judgement.verdicts, group.answers) where answer == nil
                {
                    #expect((verdict.reward ?? 0) == 0, "\(id)")
                }
            }
        }
    }
}
