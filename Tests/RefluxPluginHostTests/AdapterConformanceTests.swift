import Foundation
import PluginCorpus
import RefluxCore
import RefluxTesting
import Synchronization
import Testing

@testable import RefluxPluginHost

@Suite("Parts of plugins keep the promises of the five protocols")
struct AdapterConformanceTests {
    @Test("a rule, called from several threads", arguments: ["serial", "parallel"])
    func rule(concurrency: String) async throws {
        try await withTemporaryFolder { folder in
            var builder = PluginBuilder()
            if concurrency == "parallel" {
                builder.code = """
                    static const reflux_extension extension;
                    static reflux_extension altered;
                    static const reflux_plugin plugin;
                    static const reflux_plugin *parallel(void) {
                        altered = extension;
                        altered.concurrency = REFLUX_CONCURRENCY_PARALLEL;
                        return &plugin;
                    }
                    """
                builder.definitions = ["ENTRY": "parallel()", "EXTENSIONS": "&altered"]
                builder.manifest = { manifest in
                    guard var provides = manifest["provides"] as? [[String: Any]] else { return }
                    provides[0]["concurrency"] = "parallel"
                    manifest["provides"] = provides
                }
            }
            let plugin = try loadPlugin(builder, in: folder)
            let rule = try plugin.makeRule(.of("rule"))
            #expect(!rule.needsGold)
            try await PseudoRewardRuleConformance.check(rule, ordered: true)
        }
    }

    @Test("an optimizer with everything, and one with nothing", arguments: ["1", "0"])
    func optimizer(needs: String) async throws {
        try await withTemporaryFolder { folder in
            let builder = PluginBuilder.kind(
                "policy-optimizer", id: "optimizer", definitions: ["NEEDS": needs])
            let optimizer = try loadPlugin(builder, in: folder).makeOptimizer(.of("optimizer"))
            #expect(optimizer.epochs == 2)
            #expect(optimizer.needsValues == (needs == "1"))
            #expect(optimizer.needsReference == (needs == "1"))
            #expect(optimizer.needsEntropy == (needs == "1"))
            try PolicyOptimizerConformance.check(optimizer, rounds: 4)
        }
    }

    @Test("a task, with chat and plain prompts")
    func task() async throws {
        try await withTemporaryFolder { folder in
            let builder = PluginBuilder.kind("task-evaluator", id: "task")
            let task = try loadPlugin(builder, in: folder).makeTask(.of("task"))
            #expect(task.metrics == ["exact", "contains"])
            let examples = try task.examples(in: .validation)
            #expect(
                examples == [
                    Example(id: "sum/2/0", index: 0, question: "2 + 2", gold: "4"),
                    Example(
                        id: "sum/2/1", index: 1, question: "1 + 3", gold: "4",
                        solution: "1 + 3 = 4", category: "hard", options: ["4", "5"]),
                ])
            #expect(
                try examples.map(task.prompt(for:)) == [
                    Prompt(id: "sum/2/0", index: 0, content: .text("2 + 2"), stops: ["\n"]),
                    Prompt(
                        id: "sum/2/1", index: 1,
                        content: .chat([.init(.system, "Add."), .init(.user, "1 + 3")]),
                        stops: ["\n"]),
                ])
            #expect(
                try task.grade("3 + 4 #### 7", for: examples[0])
                    == Grade(correct: ["exact": false, "contains": true], parsed: true))
            try await TaskEvaluatorConformance.check(task)
        }
    }

    @Test("a teacher, with its metrics, progress and provenance")
    func teacher() async throws {
        try await withTemporaryFolder { folder in
            let builder = PluginBuilder.kind("teacher-source", id: "teacher")
            let teacher = try loadPlugin(builder, in: folder).makeTeacher(.of("teacher"))
            let prompts = (0..<3).map {
                Prompt(id: "p/\($0)", index: $0, content: .text("How many?"))
            }
            let plan = SamplingPlan(
                samplesPerTemperature: 2, temperatures: [0.5, 1], settings: SamplingSettings(),
                seed: 9)
            try await TeacherSourceConformance.check(teacher, prompts: prompts, plan: plan)
            let seen = Observed()
            let all = try await teacher.respond(to: prompts, plan: plan, observer: seen.observer)
            #expect(all[1][3].source == "teacher")
            #expect(all[1][3].model == "dice")
            #expect(all[1][3].promptID == "p/1")
            #expect(all[1][3].seed == 9)
            #expect(all[1].map(\.temperature) == [0.5, 0.5, 1, 1])
            #expect(seen.progress == ["1/3 prompts", "2/3 prompts", "3/3 prompts"])
            #expect(seen.metrics == ["0 prompts=3.0"])
        }
    }

    @Test("a reward model, fitted, saved and loaded")
    func rewardModel() async throws {
        try await withTemporaryFolder { folder in
            let plugin = try loadPlugin(.kind("reward-model", id: "model"), in: folder)
            try await RewardModelConformance.check(
                data: trainingData, make: { try plugin.makeRewardModel(.of("model")) },
                load: { try plugin.makeRewardModel(.of("model", load: $0)) })
            let seen = Observed()
            try await plugin.makeRewardModel(.of("model"))
                .fit(trainingData, checkpoint: nil, observer: seen.observer)
            #expect(seen.metrics == ["0 sum=8.0 weight=1.0", "1 sum=16.0 weight=2.5"])
            #expect(seen.progress == ["1/2 prompts", "2/2 prompts"])
        }
    }
}

/// Two groups of labelled responses.
let trainingData = RewardTrainingData(
    groups: (0..<2).map { index in
        let prompt = Prompt(id: "p/\(index)", index: index, content: .text("How many?"))
        return [
            .init(
                item: ScoringItem(prompt: prompt, text: index == 0 ? "It is 4." : "It’s 5"),
                reward: 1, weight: index == 0 ? 1 : 0.5, role: .teacher),
            .init(
                item: ScoringItem(prompt: prompt, text: "I do", finished: false),
                reward: index == 0 ? 0 : 1, role: .student),
        ]
    }, seed: 3)

/// What a call told its observer.
final class Observed: Sendable {
    private let lines = Mutex<(progress: [String], metrics: [String])>(([], []))

    /// Progress as `done/total unit`.
    var progress: [String] { lines.withLock { $0.progress } }
    /// Metrics as `step name=value …`.
    var metrics: [String] { lines.withLock { $0.metrics } }

    /// The observer.
    var observer: RunObserver {
        RunObserver(
            progress: { done, total, unit in
                self.lines.withLock { $0.progress.append("\(done)/\(total) \(unit)") }
            },
            metrics: { step, values in
                let text = values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                self.lines.withLock {
                    $0.metrics.append("\(step) \(text.joined(separator: " "))")
                }
            })
    }
}
