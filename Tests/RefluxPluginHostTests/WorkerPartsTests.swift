import Foundation
import RefluxCore
import RefluxTesting
import Synchronization
import Testing

@testable import RefluxPluginHost
@testable import RefluxWorkerForTests

@Suite("Parts in worker processes")
struct WorkerPartsTests {
    private let local = Doubles()

    @Test("a rule keeps its promises and judges as it does here", arguments: [false, true])
    func rule(parallel: Bool) async throws {
        let plugin = WorkerFixtures.doubles(parallel: parallel ? ["gold"] : [])
        let rule = try plugin.makeRule(WorkerFixtures.request("gold"))
        #expect(rule.name == "part of gold" && rule.needsGold)
        try await PseudoRewardRuleConformance.check(rule)
        let here = try local.makeRule(WorkerFixtures.request("gold"))
        for group in PseudoRewardRuleConformance.groups {
            #expect(try await rule.judge(group) == here.judge(group))
        }
    }

    @Test("odd numbers arrive bit for bit")
    func oddNumbers() async throws {
        let rule = try WorkerFixtures.doubles().makeRule(WorkerFixtures.request("odd-numbers"))
        let group = PseudoRewardRuleConformance.group(["1"])
        let judgement = try await rule.judge(group)
        let nan = Double(nan: 7, signaling: false)
        #expect(judgement.verdicts.first?.reward?.bitPattern == nan.bitPattern)
        #expect(judgement.metrics["a"]?.sign == .minus)
        #expect(judgement.metrics["b"] == .infinity)
        #expect(judgement.metrics["c"] == .leastNonzeroMagnitude)
    }

    @Test("an optimizer keeps its promises and computes as it does here")
    func optimizer() throws {
        let request = WorkerFixtures.request("reinforce")
        let remote = try WorkerFixtures.doubles().makeOptimizer(request)
        let here = try local.makeOptimizer(request)
        #expect(remote.name == here.name && remote.epochs == 3)
        #expect(remote.needsValues && remote.needsReference && remote.needsEntropy)
        try PolicyOptimizerConformance.check(remote, rounds: 2)
        var generator = RolloutGenerator(seed: 8)
        for _ in 0..<10 {
            let rollouts = generator.rollouts()
            let there = try remote.advantages(for: rollouts)
            let advantages = try here.advantages(for: rollouts)
            #expect(there.advantages == advantages.advantages)
            #expect(there.returns == advantages.returns && there.metrics == advantages.metrics)
            let batch = generator.update(of: rollouts, advantages: advantages, distance: 0.2)
            let (a, b) = (try remote.loss(for: batch), try here.loss(for: batch))
            #expect(a.value == b.value && a.byLogProbability == b.byLogProbability)
            #expect(a.byValue == b.byValue && a.byEntropy == b.byEntropy)
        }
    }

    @Test("a task keeps its promises and has the same examples")
    func task() async throws {
        let task = try WorkerFixtures.doubles().makeTask(WorkerFixtures.request("tiny"))
        #expect(task.name == "tiny" && task.metrics == ["exact"])
        try await TaskEvaluatorConformance.check(task)
        let here = TinyTask()
        #expect(try task.examples(in: .train) == here.examples(in: .train))
        let example = try #require(here.examples(in: .test).first)
        #expect(try task.prompt(for: example) == here.prompt(for: example))
        #expect(try task.grade("5", for: example) == here.grade("5", for: example))
        #expect(try task.answer(in: "none") == nil)
    }

    @Test("a teacher keeps its promises and tells of its progress")
    func teacher() async throws {
        let request = WorkerFixtures.request("scripted")
        let teacher = try WorkerFixtures.doubles().makeTeacher(request)
        let prompts = (0..<3).map {
            Prompt(id: "p\($0)", index: $0, content: .chat([ChatMessage(.user, "Q\($0)")]))
        }
        let plan = SamplingPlan(
            samplesPerTemperature: 2, temperatures: [0.5, 1], settings: SamplingSettings(),
            seed: .max)
        try await TeacherSourceConformance.check(teacher, prompts: prompts, plan: plan)
        let lines = Lines()
        let observer = RunObserver(progress: { lines.add("\($0)/\($1) \($2)") })
        let there = try await teacher.respond(to: prompts, plan: plan, observer: observer)
        let here = try await local.makeTeacher(request)
            .respond(to: prompts, plan: plan, observer: .silent)
        #expect(there == here)
        #expect(lines.all == ["4/12 responses", "8/12 responses", "12/12 responses"])
    }

    @Test("a reward model keeps its promises, from its folder too")
    func rewardModel() async throws {
        let plugin = WorkerFixtures.doubles()
        try await RewardModelConformance.check(data: Self.training) {
            try plugin.makeRewardModel(WorkerFixtures.request("means"))
        } load: {
            try plugin.makeRewardModel(WorkerFixtures.request("means", load: $0))
        }
        let model = try plugin.makeRewardModel(WorkerFixtures.request("means"))
        let lines = Lines()
        let observer = RunObserver(metrics: { lines.add("\($0) \($1)") })
        try await model.fit(Self.training, checkpoint: nil, observer: observer)
        #expect(lines.all.count == 12 && lines.all.last == "11 [\"loss\": \(1.0 / 12)]")
    }

    static let training = RewardTrainingData(
        groups: (0..<3).map { group in
            (0..<4).map { place in
                RewardTrainingData.Item(
                    item: ScoringItem(
                        prompt: Prompt(id: "p\(group)", index: group, content: .text("Q")),
                        text: String(repeating: "x", count: group + place)),
                    reward: place % 2 == 0 ? 1 : 0.3, role: .student)
            }
        }, seed: 1)

    @Test("errors arrive as they were thrown")
    func errors() async throws {
        let plugin = WorkerFixtures.doubles()
        #expect(
            throws: PluginCheck.instanceCreate.error(
                .usage, found: "no", at: .init(path: "x", line: 3, column: 4, key: "k"),
                wanted: "yes", remedy: "Say yes.")
        ) { try plugin.makeRule(WorkerFixtures.request("refused")) }
        let group = PseudoRewardRuleConformance.group(["1"])
        let cancels = try plugin.makeRule(WorkerFixtures.request("cancels"))
        await #expect(throws: CancellationError.self) { try await cancels.judge(group) }
        let odd = try plugin.makeRule(WorkerFixtures.request("throws"))
        let error = await #expect(throws: RefluxError.self) { try await odd.judge(group) }
        #expect(error?.kind == .input && error?.found.contains("CocoaError") == true)
    }

    @Test("what a plugin prints reaches the log, clean, and never the results")
    func output() async throws {
        let lines = Lines()
        let plugin = WorkerFixtures.doubles(services: lines.services)
        let rule = try plugin.makeRule(WorkerFixtures.request("talks"))
        let group = PseudoRewardRuleConformance.group(["1"])
        #expect(try await rule.judge(group).label == "1")
        _ = try await rule.judge(group)
        #expect(lines.all.first == "talks {\"a\":1}")
        #expect(lines.all.contains("doubles warning: by the log"))
        #expect(await lines.wait(for: "and again") == "doubles info: and again")
        #expect(await lines.wait(for: "to the output") == "doubles info: to the output\u{FFFD}")
    }

    @Test("a flood of output is cut")
    func flood() async throws {
        let lines = Lines()
        var plugin: IsolatedPlugin? = WorkerFixtures.doubles(services: lines.services)
        var rule = try plugin?.makeRule(WorkerFixtures.request("chatters"))
        _ = try await rule?.judge(PseudoRewardRuleConformance.group(["1"]))
        (rule, plugin) = (nil, nil)
        #expect(await lines.wait(for: "more lines of output were left out") != nil)
        #expect(lines.all.count <= 2 * WorkerOutput.mostLines + 4)
    }
}
