import RefluxPluginKit
import RefluxPluginTesting
import Testing

@Suite("Rules through the boundary") struct RuleBoundaryTests {
    private let group = ResponseGroup(
        prompt: Prompt(id: "p/3", index: 3, text: "2 + 2?"),
        responses: [Response("It is 4.", answer: "4"), Response("", role: .student)], gold: "4")

    private func rule(_ mode: String) throws -> (MockHost, MockRule) {
        let host = try MockHost(entry: samples.table, seed: 5)
        return (host, try host.rule("any-answer", settings: ["mode": .text(mode)]))
    }

    @Test("label, rewards, metrics and the effective configuration arrive")
    func plain() throws {
        let (host, rule) = try rule("plain")
        let judgement = try rule.judge(group)
        #expect(
            judgement
                == Judgement(
                    label: "4", verdicts: [.reward(1), .reward(0.25)], metrics: ["count": 2]))
        #expect(host.journal.configurations.first?["names"] == ["ä", "\"b\""])
        #expect(host.journal.lines.map(\.text) == ["made for seed 5 by mock host"])
    }

    @Test("abstentions, log lines and progress arrive")
    func everything() throws {
        let (host, rule) = try rule("everything")
        #expect(try rule.judge(group).verdicts == [.abstain("first"), .reward(0.25)])
        #expect(host.journal.lines.last?.text == "judging 2 + 2?")
        #expect(host.journal.lines.last?.level == .warning)
        #expect(host.journal.progress.map(\.unit) == ["groups"])
    }

    @Test("an empty group is judged")
    func empty() throws {
        let (_, rule) = try rule("plain")
        #expect(try rule.judge(responses: []).verdicts.isEmpty)
    }

    @Test("what the rule throws is the text of the error")
    func failure() throws {
        let (_, rule) = try rule("fail")
        #expect(throws: MockHostError(kind: .failed, text: "no idea")) { try rule.judge(group) }
    }

    @Test("a cancelled call ends as cancelled")
    func cancelled() throws {
        let (host, rule) = try rule("cancel")
        host.isCancelled = true
        #expect(throws: MockHostError(kind: .cancelled, text: "cancelled")) {
            try rule.judge(group)
        }
    }

    @Test("random numbers depend on seed, item and position only")
    func random() throws {
        let (host, rule) = try rule("random")
        let first = try rule.judge(group)
        #expect(try rule.judge(group) == first)
        #expect(first.verdicts[0] != first.verdicts[1])
        #expect(host.journal.randomDraws == 4)
        var other = group
        other.prompt.index = 4
        #expect(try rule.judge(other) != first)
    }

    @Test("too few verdicts are an error of the plugin")
    func count() throws {
        let (_, rule) = try rule("short")
        #expect(
            throws: MockHostError(
                kind: .failed, text: "It gave 1 verdicts for 2 responses.")
        ) { try rule.judge(group) }
    }

    @Test("a NaN breaks the contract")
    func notANumber() throws {
        let (_, rule) = try rule("wrong")
        #expect { try rule.judge(group) } throws: { ($0 as? MockHostError)?.kind == .contract }
    }

    @Test("asking for a setting that is not declared fails when the instance is made")
    func undeclared() throws {
        #expect { try self.rule("undeclared") } throws: { "\($0)".contains("otherwhise") }
    }

    @Test("unknown extensions and settings are errors of the test")
    func unknown() throws {
        let host = try MockHost(entry: samples.table)
        #expect(throws: MockHostError.self) { try host.rule("any") }
        #expect(throws: MockHostError.self) { try host.task("any-answer") }
        #expect(throws: MockHostError.self) { try host.rule("any-answer", settings: ["a": 1]) }
        #expect(host.provides.count == 5)
        #expect(host.pluginID == "samples")
    }

    @Test("many threads judge at once")
    func threads() async throws {
        let (_, rule) = try rule("plain")
        let wanted = try rule.judge(group)
        try await withThrowingTaskGroup(of: Judgement.self) { tasks in
            for _ in 0..<200 { tasks.addTask { try rule.judge(group) } }
            for try await judgement in tasks { #expect(judgement == wanted) }
        }
    }
}
