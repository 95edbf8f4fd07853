import LengthAwareAgreement
import RefluxPluginKit
import RefluxPluginTesting
import Testing

@Suite("Length-aware agreement") struct LengthAwareAgreementTests {
    let host: MockHost

    init() throws {
        host = try MockHost(entry: refluxPluginEntry())
    }

    private func teacher(_ answer: String?, _ tokens: Int?) -> Response {
        Response("…", answer: answer, tokenCount: tokens)
    }

    private func student(_ answer: String?, _ tokens: Int?) -> Response {
        Response("…", role: .student, answer: answer, tokenCount: tokens)
    }

    // Accepted lengths 8, 10, 12: median 10, MAD 2, deviation 2.9652.
    private var teachers: [Response] {
        [teacher("4", 10), teacher("4", 12), teacher("4", 8), teacher("5", 900)]
    }

    @Test("the penalty grows linearly beyond the tolerance, up to the weight")
    func penalty() throws {
        let rule = try host.rule(
            "length-aware-agreement", settings: ["weight": 0.4, "tolerance": 1])
        let judgement = try rule.judge(
            responses: teachers + [student("4", 2), student("4", 19), student("4", 5000)])
        let rewards = judgement.verdicts.compactMap(\.reward)
        #expect(rewards[0..<4] == [1, 1, 1, 0])
        #expect(rewards[4] == 1)
        let wanted = 1 - 0.4 * ((9 / 2.9652) - 1) / 4
        #expect(abs(rewards[5] - wanted) < 1e-12)
        #expect(abs(rewards[6] - 0.6) < 1e-12)
        #expect(judgement.metrics == ["share": 0.75, "length_median": 10])
    }

    @Test("a wrong answer earns 0 at any length, and no reward leaves 0 to 1")
    func wrong() throws {
        let rule = try host.rule(
            "length-aware-agreement", settings: ["weight": 1, "tolerance": 0])
        let judgement = try rule.judge(
            responses: teachers + [student("5", 1), student(nil, 10), student("4", 100_000)])
        #expect(judgement.verdicts.suffix(3).map(\.reward) == [0, 0, 0])
    }

    @Test("equally long teachers leave a tenth of their length as the deviation")
    func floor() throws {
        let rule = try host.rule(
            "length-aware-agreement", settings: ["weight": 0.4, "tolerance": 0])
        let same = [teacher("4", 100), teacher("4", 100)]
        let reward = try rule.judge(responses: same + [student("4", 120)]).verdicts[2].reward
        #expect(abs((reward ?? 0) - 0.8) < 1e-12)
    }

    @Test("one response without a token count makes the whole group count characters")
    func characters() throws {
        let rule = try host.rule("length-aware-agreement", settings: ["tolerance": 0])
        let responses = [
            Response("äöüäö", answer: "4", tokenCount: 900), Response("12345", answer: "4"),
        ]
        let judgement = try rule.judge(responses: responses)
        #expect(judgement.metrics["length_median"] == 5)
        #expect(judgement.verdicts == [.reward(1), .reward(1)])
    }

    @Test("cut responses abstain and have no vote")
    func cut() throws {
        let rule = try host.rule("length-aware-agreement")
        var responses = [teacher("4", 10), teacher("5", 99), teacher("5", 99)]
        responses[1].finish = .length
        responses[2].finish = .length
        let judgement = try rule.judge(responses: responses)
        #expect(judgement.label == "4")
        #expect(judgement.verdicts == [.reward(1), .abstain("cut"), .abstain("cut")])
        #expect(abs((judgement.metrics["share"] ?? 0) - 1.0 / 3) < 1e-12)
    }

    @Test("votes have the weight of their teachers")
    func weights() throws {
        let rule = try host.rule("length-aware-agreement")
        var responses = [teacher("4", 10), teacher("5", 10), teacher("5", 10), teacher("6", 10)]
        responses[0].weight = 2.5
        responses[3].weight = 0
        let judgement = try rule.judge(responses: responses)
        #expect(judgement.label == "4")
        #expect(abs((judgement.metrics["share"] ?? 0) - 2.5 / 4.5) < 1e-12)
        let only = try rule.judge(responses: [responses[3]])
        #expect(only.abstention == "no teacher response")
    }

    @Test(
        "a tie abstains, or takes the lowest answer",
        arguments: [
            (["10", "9"], "9"), (["b", "a"], "a"), (["1.0", "1"], "1"), (["10", "9", "x"], "10"),
        ])
    func ties(_ answers: [String], _ lowest: String) throws {
        let responses = answers.map { teacher($0, 5) }
        let plain = try host.rule("length-aware-agreement")
        #expect(try plain.judge(responses: responses).abstention == "tie")
        let rule = try host.rule("length-aware-agreement", settings: ["tie": "lowest"])
        #expect(try rule.judge(responses: responses).label == lowest)
        #expect(try rule.judge(responses: responses.reversed()).label == lowest)
    }

    @Test("without teachers, without answers, or with too small a share the group abstains")
    func abstentions() throws {
        let rule = try host.rule("length-aware-agreement", settings: ["min_share": 0.75])
        #expect(try rule.judge(responses: []).abstention == "no teacher response")
        #expect(try rule.judge(responses: [teacher(nil, 1)]).abstention == "no teacher answer")
        let split = [teacher("4", 1), teacher("4", 1), teacher("5", 1)]
        #expect(try rule.judge(responses: split).abstention == "share below 0.75")
    }

    @Test("what was learnt has nothing to do with the order of the responses")
    func order() throws {
        let rule = try host.rule("length-aware-agreement")
        let responses = teachers + [student("4", 30)]
        let forwards = try rule.judge(responses: responses).verdicts
        #expect(try rule.judge(responses: responses.reversed()).verdicts == forwards.reversed())
    }
}
