import {{Module}}
import RefluxPluginKit
import RefluxPluginTesting
import Testing

@Suite("{{title}}") struct {{Module}}Tests {
    let host: MockHost

    init() throws {
        host = try MockHost(entry: refluxPluginEntry())
    }

    private func responses(_ teachers: [String?], _ students: [String?] = []) -> [Response] {
        teachers.map { Response("…", answer: $0) }
            + students.map { Response("…", role: .student, answer: $0) }
    }

    @Test("who gives the teachers' answer earns 1, everybody else the rest")
    func majority() throws {
        let rule = try host.rule("{{id}}", settings: ["otherwise": 0.1])
        let judgement = try rule.judge(responses: responses(["4", "4", "5"], ["4", nil]))
        #expect(judgement.label == "4")
        #expect(judgement.verdicts.map(\.reward) == [1, 1, 0.1, 1, 0.1])
    }

    @Test("a tie, too small a share and no answer at all make the group abstain")
    func abstentions() throws {
        let rule = try host.rule("{{id}}", settings: ["min_share": 0.6])
        #expect(try rule.judge(responses: responses(["4", "5"])).abstention == "tie")
        #expect(
            try rule.judge(responses: responses(["4", "4", "5", nil])).abstention
                == "share below 0.6")
        #expect(
            try rule.judge(responses: responses([nil], ["4"])).verdicts
                == [.abstain("no teacher answer"), .abstain("no teacher answer")])
    }

    @Test("an empty group is no error")
    func empty() throws {
        #expect(try host.rule("{{id}}").judge(responses: []).verdicts.isEmpty)
    }
}
