import RefluxCore
import RefluxPluginHost
import Testing

@testable import RefluxPluginTools

@Suite("The tests of every kind of extension")
struct ExerciseTests {
    @Test("pass a sound part", arguments: PluginKind.allCases)
    func sound(_ kind: PluginKind) async throws {
        try await withBench(kind) { bench, configurations in
            let plan = TestPlan(manifest: bench.manifest)
            let names = plan.tests.filter { $0.extensionID != nil }
                .map { String($0.id.dropFirst("rule/".count)) }
            #expect(names.count >= ExtensionTest.allCases.count + 3)
            for name in names where name != "golden" {
                let test = ChildTest(bench: bench, configurations: configurations, name: name)
                let answer = try await test.run()
                #expect(answer.problem == nil, "\(name)")
                #expect(answer.transcript.isEmpty == (name != "determinism.processes"))
            }
        }
    }

    @Test("have inputs that depend on the seed alone", arguments: PluginKind.allCases)
    func seeded(_ kind: PluginKind) async throws {
        try await withBench(kind) { bench, _ in
            func transcript(_ exercise: some Exercise) async throws -> [String] {
                try await exercise.transcript(from: try exercise.make(bench))
            }
            let first = try await transcript(exerciseOf(kind, seed: 3))
            #expect(try await transcript(exerciseOf(kind, seed: 3)) == first)
            guard kind != .teacherSource else { return }
            #expect(try await transcript(exerciseOf(kind, seed: 4)) != first)
        }
    }

    @Test("find a task that needs quadratic time")
    func quadratic() async throws {
        try await withBench(.taskEvaluator, runtime: OneTask(task: SlowTask())) { bench, settings in
            let test = ChildTest(
                bench: bench, configurations: settings, name: "behaviour.unusual-texts")
            let error = try await #require(throws: RefluxError.self) { try await test.run() }
            #expect(error.check == "behaviour.linear-time")
        }
    }
}

/// A runtime with one task.
private struct OneTask: PluginRuntime {
    let task: any TaskEvaluator
    func makeRule(_ request: ExtensionRequest) throws -> any PseudoRewardRule {
        try FakeRuntime().makeRule(request)
    }
    func makeOptimizer(_ request: ExtensionRequest) throws -> any PolicyOptimizer {
        try FakeRuntime().makeOptimizer(request)
    }
    func makeTask(_ request: ExtensionRequest) throws -> any TaskEvaluator { task }
    func makeTeacher(_ request: ExtensionRequest) throws -> any TeacherSource {
        try FakeRuntime().makeTeacher(request)
    }
    func makeRewardModel(_ request: ExtensionRequest) throws -> any RewardModel {
        try FakeRuntime().makeRewardModel(request)
    }
}

/// Looks at every pair of a few thousand characters.
private struct SlowTask: TaskEvaluator {
    let name = "slow"
    let metrics = ["exact"]
    func examples(in split: Split) -> [Example] { [] }
    func prompt(for example: Example) -> Prompt {
        Prompt(id: example.id, index: example.index, content: .text("?"))
    }
    func answer(in response: String) -> String? {
        let bytes = Array(response.utf8.prefix { _ in true }.enumerated().filter { $0.0 % 32 == 0 })
        var pairs = 0
        for one in bytes { for other in bytes where one.1 == other.1 { pairs += 1 } }
        return "\(pairs)"
    }
    func grade(_ response: String, for example: Example) -> Grade {
        Grade(correct: ["exact": false], parsed: true)
    }
}
