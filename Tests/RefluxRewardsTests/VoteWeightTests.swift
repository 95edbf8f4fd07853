import Foundation
import RefluxCore
import RefluxRewards
import RefluxTesting
import Testing

/// Random groups, judged with the weights of their teachers.
struct VoteWeightTests {
    static let rules: [any PseudoRewardRule] = [
        TeacherMajority(), TeacherMajority(minShare: 0.5, tie: .first),
        TeacherMajority(minMargin: 0.3, tie: .random, seed: 7), SelfMajority(),
        PooledMajority(), PooledMajority(teacherWeight: 3, weights: ["wise": 0.5]),
        VoteShare(), VoteShare(voters: .teacher, minShare: 0.4), MajorityPairs(),
        MajorityPairs(voters: .teacher), TeacherPreferred(),
    ]

    /// A group of up to 9 responses with few answers, some of them cut or without an answer.
    private static func group(_ index: Int) -> ResponseGroup {
        var stream = RandomKey(seed: 3, stage: .label, prompt: index).stream
        let answers: [String?] = (0..<Int.random(in: 1...9, using: &stream)).map { _ in
            ["7", "8", "9", nil].randomElement(using: &stream) ?? nil
        }
        let teachers = Int.random(in: 0...answers.count, using: &stream)
        var group = PseudoRewardRuleConformance.group(answers, teachers: teachers, index: index)
        for place in group.responses.indices {
            if Int.random(in: 0..<8, using: &stream) == 0 {
                group.responses[place].finish = .length
            }
            if Int.random(in: 0..<3, using: &stream) == 0 { group.responses[place].source = "wise" }
        }
        return group
    }

    @Test(arguments: 0..<200)
    func withWeightOneSharesAreThoseOfTheHeads(index: Int) throws {
        let group = Self.group(index)
        let votes = zip(group.responses, group.answers).filter { $0.0.role == .teacher }.map(\.1)
        let heads = Dictionary(grouping: votes.compactMap(\.self)) { $0 }.values.map(\.count)
        let judgement = TeacherMajority().judge(group)
        let share = votes.isEmpty ? 0 : Double(heads.max() ?? 0) / Double(votes.count)
        #expect(judgement.metrics["share"]?.bitPattern == share.bitPattern)
        #expect(judgement.metrics["voters"] == Double(votes.compactMap(\.self).count))
    }

    @Test(arguments: rules.indices, 0..<60)
    func aWeightOfTwoIsTheVoterTwice(rule: Int, index: Int) async throws {
        let group = Self.group(index)
        for place in group.responses.indices {
            var weighted = group
            weighted.responses[place].weight = 2
            var doubled = group
            doubled.responses.insert(group.responses[place], at: place)
            doubled.answers.insert(group.answers[place], at: place)
            let one = try await Self.rules[rule].judge(weighted)
            var other = try await Self.rules[rule].judge(doubled)
            #expect(other.verdicts[place] == other.verdicts[place + 1])
            other.verdicts.remove(at: place)
            expectSame(one, other)
        }
    }

    @Test(arguments: rules.indices, 0..<60)
    func aWeightOfZeroHasNoVoteAndALabel(rule: Int, index: Int) async throws {
        let group = Self.group(index)
        for place in group.responses.indices {
            var silent = group
            silent.responses[place].weight = 0
            var without = group
            without.responses.remove(at: place)
            without.answers.remove(at: place)
            var one = try await Self.rules[rule].judge(silent)
            let other = try await Self.rules[rule].judge(without)
            #expect(one.verdicts.count == group.responses.count)
            let verdict = one.verdicts.remove(at: place)
            expectSame(one, other)
            #expect(one.metrics["voters"] == other.metrics["voters"])
            if let label = one.label, Self.rules[rule] is TeacherMajority {
                #expect(verdict == .reward(group.answers[place] == label ? 1 : 0))
            }
        }
    }

    @Test func thresholdsAreSharesOfTheWeight() {
        var group = PseudoRewardRuleConformance.group(["7", "8", "8"], teachers: 3)
        group.responses[0].weight = 2.5
        let judgement = TeacherMajority(minShare: 0.55).judge(group)
        #expect(judgement.label == "7" && judgement.metrics["share"] == 2.5 / 4.5)
        #expect(judgement.metrics["margin"] == 0.5 / 4.5 && judgement.metrics["voters"] == 3)
        #expect(TeacherMajority(minShare: 0.56).judge(group).abstention == "share below 0.56")
    }

    @Test func linesOfJSONHoldAWeightOnlyWhereItIsNotOne() throws {
        var response = PseudoRewardRuleConformance.group(["7"]).responses[0]
        let plain = String(decoding: try JSONEncoder().encode(response), as: UTF8.self)
        #expect(!plain.contains("weight"))
        #expect(try JSONDecoder().decode(Response.self, from: Data(plain.utf8)) == response)
        response.weight = 0.25
        let weighted = try JSONEncoder().encode(response)
        #expect(try JSONDecoder().decode(Response.self, from: weighted).weight == 0.25)
        response.weight = 1
        #expect(
            String(decoding: try JSONEncoder().encode(response), as: UTF8.self).count == plain.count
        )
    }

    /// The same label, reasons, verdicts and shares; how many voted may differ.
    private func expectSame(_ one: GroupJudgement, _ other: GroupJudgement) {
        #expect(one.label == other.label)
        #expect(one.abstention == other.abstention)
        #expect(one.verdicts == other.verdicts)
        for name in ["share", "margin", "weight"] {
            #expect(one.metrics[name]?.bitPattern == other.metrics[name]?.bitPattern)
        }
    }
}
