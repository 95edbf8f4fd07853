import RefluxPluginKit
import RefluxPluginTesting
import Testing

@Suite("The other kinds through the boundary") struct OtherKindsBoundaryTests {
    let host: MockHost

    init() throws {
        host = try MockHost(entry: samples.table)
    }

    @Test("an optimizer gets every array, and its results come back")
    func optimizer() throws {
        let optimizer = try host.optimizer("sums")
        #expect(
            optimizer.needs
                == OptimizerNeeds(values: true, reference: true, entropy: true, epochs: 2))
        let advantages = try optimizer.advantages(
            for: RolloutBatch(
                offsets: [0, 2, 2, 3], groups: [0, 0, 1], rewards: [1, 5, 2],
                oldLogProbabilities: [-1, -2, -3], referenceLogProbabilities: [-1, -1, -1],
                values: [0.5, 0.25, 0.125]))
        #expect(advantages.advantages == [1, 1, 2])
        #expect(advantages.returns == [0.5, 0.25, 0.125])
        let loss = try optimizer.loss(
            for: LossBatch(
                offsets: [0, 1], logProbabilities: [1], oldLogProbabilities: [10],
                referenceLogProbabilities: [100], values: [1000], oldValues: [1e4],
                entropies: [1e5], advantages: [1e6], returns: [1e7], totalTokens: 9,
                totalSequences: 3))
        #expect(loss.value == 11_111_111)
        #expect(loss.byEntropy == [1])
        #expect(loss.metrics == ["total": 9])
    }

    @Test("an optimizer that needs nothing gets nothing more")
    func frugal() throws {
        let loss = try host.optimizer("sums", settings: ["all": false]).loss(
            for: LossBatch(
                offsets: [0, 1], logProbabilities: [1], oldLogProbabilities: [2], values: [7],
                entropies: [7], advantages: [4], totalTokens: 1, totalSequences: 1))
        #expect(loss.value == 7)
        #expect(loss.byValue == [])
    }

    @Test("a derivative by differences is the one of the loss")
    func differences() throws {
        let batch = LossBatch(
            offsets: [0, 2], logProbabilities: [-1, -2], oldLogProbabilities: [0, 0],
            advantages: [0, 0], totalTokens: 2, totalSequences: 1)
        let found = try host.optimizer("sums", settings: ["all": false]).differences(of: batch)
        #expect(found.allSatisfy { abs($0 - 1) < 1e-6 })
    }

    @Test("examples, prompts, answers and marks of a task come back")
    func task() throws {
        let task = try host.task("echo")
        #expect(task.metrics == ["exact", "length"])
        let examples = try task.examples(in: .validation)
        #expect(examples.map(\.index) == [0, 1])
        #expect(examples[0].id == "validation/a")
        #expect(examples[0].options == ["hé", "", "ho"])
        #expect(examples[1].gold == nil)
        #expect(try task.prompt(for: examples[0]) == .text("Sag «hé».", stops: ["\n", "END"]))
        #expect(
            try task.prompt(for: examples[1])
                == .chat([Message(.system, "Be brief."), Message(.user, "")]))
        #expect(try task.answers(in: ["a", "", "c"]) == ["a", nil, "c"])
        #expect(try task.answers(in: []) == [])
        #expect(
            try task.grade("hé", for: examples[0])
                == Grade(parsed: true, correct: ["exact": true, "length": true]))
    }

    @Test("a teacher's responses come back by prompt")
    func teacher() throws {
        let responses = try host.teacher("parrot").respond(
            to: [Prompt(text: "a"), Prompt(text: "b")],
            plan: SamplingPlan(samplesPerTemperature: 1, temperatures: [0.5, 1], maxTokens: 8))
        #expect(responses.map { $0.map(\.text) } == [["a 0", "a 1"], ["b 0", "b 1"]])
        #expect(responses[1][1].temperature == 1)
        #expect(responses[0][0].tokenCount == 8)
        #expect(responses[0][0].finish == .length)
        #expect(responses[0][0].meanLogProbability == nil)
    }

    @Test("a reward model learns, scores and is loaded")
    func rewardModel() throws {
        let model = try host.rewardModel("bias")
        #expect(model.isTrainable)
        let items = [ScoringItem(text: "ab"), ScoringItem(text: "", finished: false)]
        #expect(try model.score(items) == [2, -100])
        try model.fit(
            TrainingData(groups: [
                [.init(items[0], reward: 1), .init(items[1], reward: 0)], [],
                [.init(items[0], reward: 1, weight: 2)],
            ]), checkpoint: "/c")
        #expect(try model.score(items) == [3, -99])
        #expect(host.journal.metrics.map(\.step) == [0, 1, 2])
        #expect(host.journal.lines.last?.text == "groups [2, 0, 1], checkpoint /c")
        #expect { try model.save(to: "/x") } throws: {
            ($0 as? MockHostError)?.kind == .unsupported
        }
        #expect(try host.rewardModel("bias", loadedFrom: "10").score([items[0]]) == [12])
    }

    @Test("golden cases say what differs, with their line")
    func golden() {
        let cases = """
            {"extension":"bias","items":[{"text":"abc"}],"expect":{"scores":[3]}}

            {"extension":"bias","items":[{"text":"abc"}],"expect":{"scores":[4]}}
            {"extension":"echo","response":"ho","example":{"question":"","gold":"ho"},"expect":{"correct":{"exact":true},"parsed":true}}
            {"extension":"parrot","prompts":["a"],"expect":{"texts":[["a 0"]],"counts":[1]}}
            {"extension":"any-answer","responses":[{"role":"teacher","text":"x","answer":null}],"expect":{"verdicts":[0.25],"label":null,"metrics":{"count":2}}}
            """
        #expect(
            host.differences(fromCases: cases) == [
                "line 3: scores is [3.0], wanted [4]",
                "line 6: metrics is {\"count\":1.0}, wanted {\"count\":2}",
            ])
    }
}
