import {{Module}}
import RefluxPluginKit
import RefluxPluginTesting
import Testing

@Suite("{{title}}") struct {{Module}}Tests {
    let host: MockHost

    init() throws {
        host = try MockHost(entry: refluxPluginEntry())
    }

    @Test("keywords count once each, in any case of their letters")
    func keywords() throws {
        let model = try host.rewardModel("{{id}}", settings: ["keywords": ["Ä", "four", ""]])
        #expect(try model.score([ScoringItem(text: "FOUR four ä")]) == [2])
    }

    @Test("long and cut responses cost")
    func costs() throws {
        let model = try host.rewardModel(
            "{{id}}", settings: ["free_words": 1, "word_cost": 0.5, "cut_cost": 3])
        #expect(
            try model.score([
                ScoringItem(text: "a b c"), ScoringItem(text: ""),
                ScoringItem(text: "a", finished: false),
            ]) == [-1, 0, -3])
    }

    @Test("no items, no scores") func empty() throws {
        #expect(try host.rewardModel("{{id}}").score([]) == [])
        #expect(try !host.rewardModel("{{id}}").isTrainable)
    }
}
