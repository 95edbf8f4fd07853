import Foundation
import RefluxCore
import RefluxTesting
import Testing

@testable import RefluxPipeline

@Suite struct RunConfigurationTests {
    @Test func everyDefaultIsInTheResolvedFormWhichReadsBackToItself() throws {
        let folder = try TemporaryFolder()
        let configuration = try folder.configuration(RunFiles.small)
        let text = YAMLWriter.text(of: configuration.resolved)
        let again = try folder.configuration(text)
        #expect(YAMLWriter.text(of: again.resolved) == text)
        #expect(configuration.resolved["reinforce"]?["use"]?.value == .string("ppo"))
        #expect(configuration.resolved["label"]?["use"]?.value == .string("teacher-majority"))
        #expect(configuration.resolved["run"]?["seed"]?.value == .integer(17))
    }

    @Test(arguments: [
        ("rum: {}", "rum", "\"run\""),
        ("warmup: {epoch: 3}", "warmup.epoch", "\"epochs\""),
        ("label: {min_shares: 0.5}", "label.min_shares", "\"min_share\""),
        ("reinforce: {step: 3}", "reinforce.step", "\"steps\""),
        ("label: {use: majority}", "label.use", "teacher-majority"),
        ("reinforce: {use: ppo2}", "reinforce.use", "ppo"),
        ("warmup: {epochs: many}", "warmup.epochs", "a whole number"),
        ("warmup: {epochs: 0}", "warmup.epochs", "from 1"),
        ("label: {min_share: 1.5}", "label.min_share", "from 0"),
        ("warmup: [1]", "warmup", "a table of keys"),
        ("plugins: [a-b]", "plugins.0", "no plugin \"a-b\""),
        ("plugins: [{use: ./nowhere}]", "plugins.0.use", "there is no such folder"),
        ("plugins: [{use: a, isolated: true}]", "plugins.0.isolated", "\"isolation\""),
        ("plugins: [{isolation: process}]", "plugins.0.use", "the id of a plugin"),
        ("variants: [{name: a, set: {plugins: []}}]", "plugins", "a key of a stage"),
        ("reward: {adapter: {ranks: 4}}", "reward.adapter.ranks", "\"rank\""),
        ("reward: {adapter: {targets: [qproj]}}", "reward.adapter.targets", "q_proj"),
        ("evaluate: {metrics: [strictt]}", "evaluate.metrics", "strict"),
        ("reinforce: {use: grpo, samples_per_prompt: 1}", "reinforce.samples_per_prompt", "2"),
        ("variants: [{name: a, set: {reinforce.step: 3}}]", "reinforce.step", "\"steps\""),
        ("variants: [{name: a/b, set: {run.seed: 3}}]", "variants.0.name", "letters"),
        ("variants: [{name: a, set: {run.name: x}}]", "run.name", "a key of a stage"),
        (
            "variants: [{name: a, set: {run.seed: 3}}, {name: a, set: {run.seed: 4}}]", "name",
            "other"
        ),
    ])
    func wrongKeysAndValuesAreRefusedWithTheirPlace(
        _ section: String, _ key: String, _ help: String
    ) throws {
        let folder = try TemporaryFolder()
        let error = try #require(throws: RefluxError.self) {
            _ = try folder.configuration(RunFiles.small + section + "\n")
        }
        #expect(error.kind == .usage)
        #expect(error.location?.key?.contains(key) == true, "\(error)")
        #expect(error.location?.line != nil, "\(error)")
        #expect("\(error)".contains(help), "\(error)")
    }

    @Test(arguments: [
        ("use: word-problems", "use: gsm9k", "gsm8k"),
        ("test_size: 10", "test: 0", "at least 1"),
        ("use: local-model", "use: remote", "local-model"),
        ("model: teacher-folder", "model: prepared", "a section that prepares it"),
        ("model: student-folder", "model: prepared", "a section that prepares it"),
        ("{model: student-folder}", "{}", "a model folder"),
        ("name: small", "name: ../x", "letters"),
        ("local-model, model: teacher-folder", "recorded, path: x.jsonl", "reward.body: student"),
        ("run: {name: small}", "", "the name of the run"),
        ("teachers: [{use: local-model, model: teacher-folder}]", "", "at least one teacher"),
        (
            "{model: student-folder}",
            "{model: student-folder, adapter: {rank: 4}}\nreward: {body: student, adapter: {}}",
            "rank 4"
        ),
        (
            "[{use: local-model, model: teacher-folder}]",
            "[{use: local-model, model: a/x}, {use: local-model, model: b/x}]", "of its own"
        ),
    ])
    func impossibleRunsAreRefused(_ old: String, _ new: String, _ help: String) throws {
        let folder = try TemporaryFolder()
        let text = RunFiles.small.replacingOccurrences(of: old, with: new)
        try #require(text != RunFiles.small)
        let error = try #require(throws: RefluxError.self) {
            _ = try folder.configuration(text)
        }
        #expect(error.kind == .usage)
        #expect("\(error)".contains(help), "\(error)")
    }

    @Test func adaptersAreReadWithTheirDefaults() throws {
        let folder = try TemporaryFolder()
        let none = try folder.configuration(RunFiles.small)
        #expect(none.student.adapter == nil)
        let overrides = [
            "student.adapter.rank=4", "reward={body: student, adapter: {rank: 4, dropout: 0.1}}",
        ]
        let configuration = try folder.configuration(RunFiles.small, overrides: overrides)
        #expect(configuration.student.adapter == AdapterSettings(rank: 4, alpha: 8))
        let text = YAMLWriter.text(of: configuration.resolved)
        let again = try folder.configuration(text)
        #expect(again.student.adapter == configuration.student.adapter)
        #expect(YAMLWriter.text(of: again.resolved) == text)
    }

    @Test func overridesReplaceTheFilesValues() throws {
        let folder = try TemporaryFolder()
        let overrides = ["run.seed=5", "teachers.0.samples=2", "reinforce.reward=rule"]
        let configuration = try folder.configuration(RunFiles.small, overrides: overrides)
        #expect(configuration.seed == 5)
        #expect(configuration.teachers[0].samples == 2)
        #expect(!configuration.includes(.reward))
        #expect(throws: RefluxError.self) {
            try folder.configuration(RunFiles.small, overrides: ["warmup.epoch=1"])
        }
    }

    @Test func modelsAreKnownByTheirRoles() throws {
        let folder = try TemporaryFolder()
        let text =
            RunFiles.small
            .replacingOccurrences(of: "student-folder", with: "prepared")
            .replacingOccurrences(of: "teacher-folder", with: "prepared") + "prepare: {}\n"
        let configuration = try folder.configuration(text)
        let roles = configuration.modelRoles(run: RunFolder(path: "/r"))
        #expect(roles["base"] == "/r/prepare/student")
        #expect(roles["teacher"] == "/r/prepare/teacher")
        #expect(roles["student"] == "/r/warmup/model")
        #expect(configuration.includes(.prepare))
    }
}
