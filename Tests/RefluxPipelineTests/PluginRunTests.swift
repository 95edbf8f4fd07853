import Foundation
import RefluxCore
import Testing

@testable import RefluxPipeline

/// Runs of the built program with parts of a plugin in C.
@Suite(.serialized) struct PluginRunTests {
    private static let runFile = """
        run: {name: tiny, seed: 3}
        prepare:
          vocabulary: 300
          corpus: 100
          teacher: {layers: 1, width: 16, heads: 2, context: 96}
          student: {layers: 1, width: 16, heads: 2, context: 96}
          train: {problems: 60, batch: 16, steps: 120, learning_rate: 0.02, warmup_steps: 5}
        task: {use: word-problems, max_number: 6, max_start: 4, max_steps: 1, train_size: 100,
               test_size: 10, validation_size: 0, train: 16, test: 6, held_out: 0.3}
        teachers: [{use: local-model, model: prepared, samples: 3, temperatures: [0.8, 1.2],
                    max_tokens: 24}]
        student: {model: prepared, precision: f32}
        label: {use: teacher-majority, min_share: 0.2}
        warmup: {epochs: 2, batch_sequences: 16, learning_rate: 0.02, warmup_steps: 2}
        sample: {samples: 3, temperature: 1, max_tokens: 24}
        reward: {body: teacher, steps: 4, batch_pairs: 4, override_floor: true}
        reinforce: {use: plain, steps: 6, prompts_per_step: 4, samples_per_prompt: 3,
                    max_tokens: 24, checkpoint_every: 1, evaluate_every: 0}
        evaluate: {max_tokens: 24}

        """
    private static let byRule = runFile.replacingOccurrences(
        of: "use: teacher-majority, min_share: 0.2", with: "use: agreement")
    private static let inside = "plugins: [./parts]\n"
    private static let outside = "plugins: [{use: ./parts, isolation: process}]\n"

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func record(_ run: String) throws -> JSONValue {
        let path = "\(folder.path)/runs/\(run)/record.json"
        return try JSONDecoder().decode(
            JSONValue.self, from: Data(contentsOf: URL(filePath: path)))
    }

    @Test("a run is the same in the process, in one of its own, and killed and resumed there")
    func isolation() throws {
        let plugin = try PartsPlugin().build(in: folder.path)
        try folder.write(Self.byRule + Self.inside, to: "in.yaml")
        let whole = try Program.call(
            "run", "in.yaml", "--set", "run.name=in", "--json", in: folder.path)
        try #require(whole.code == 0, "\(whole.errors)")
        #expect(whole.errors.contains("plugin parts: counts answers\n"))
        #expect(!whole.errors.contains("for the author"))

        try folder.write(Self.byRule, to: "out.yaml")
        let process = try Program.start(
            [
                "run", "out.yaml", "--set", "run.name=out", "--set",
                Self.outside.replacing("plugins: ", with: "plugins=").trimmingCharacters(
                    in: .newlines),
            ], in: folder.path)
        let mark = "runs/out/reinforce/checkpoints/step-1"
        while process.isRunning, !folder.exists(mark) { Thread.sleep(forTimeInterval: 0.001) }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(!folder.exists("runs/out/reinforce/stage.json"))
        let resumed = try Program.call("resume", "runs/out", "--json", in: folder.path)
        try #require(resumed.code == 0, "\(resumed.errors)")
        #expect(resumed.output == whole.output)
        for name in ["reinforce/rollouts.jsonl", "reinforce/model/model.safetensors"] {
            let files = try ["in", "out"].map { run in
                try Data(contentsOf: URL(filePath: "\(folder.path)/runs/\(run)/\(name)"))
            }
            #expect(files[0] == files[1], "\(name) differs")
        }
        try expectRecords(of: plugin)
    }

    private func expectRecords(of plugin: String) throws {
        for (run, isolation) in [("in", "none"), ("out", "process")] {
            guard case .array(let plugins)? = try record(run)["plugins"], plugins.count == 1,
                case .array(let parts)? = plugins[0]["extensions"]
            else {
                Issue.record("no plugins in record.json")
                continue
            }
            #expect(plugins[0]["id"]?.text == "parts")
            #expect(plugins[0]["path"]?.text == plugin)
            #expect(plugins[0]["isolation"]?.text == isolation)
            #expect(plugins[0]["library_sha256"]?.text?.count == 64)
            #expect(parts.map { $0["kind"]?.text } == ["policy-optimizer", "pseudo-reward-rule"])
            #expect(parts.last?["configuration"]?["method"]?.text == "counting")
            let report = try folder.read("runs/\(run)/report.md")
            #expect(report.contains("## Plugins\n\n| plugin | version | parts "))
        }
    }

    @Test("a changed library runs exactly the stages again that use it; isolation runs none")
    func changedLibrary() throws {
        try PartsPlugin().build(in: folder.path)
        try folder.write(Self.runFile + Self.inside, to: "run.yaml")
        let first = try Program.call("run", "run.yaml", in: folder.path)
        try #require(first.code == 0, "\(first.errors)")
        try folder.write(Self.runFile + Self.outside, to: "run.yaml")
        let isolated = try Program.call("run", "run.yaml", in: folder.path)
        #expect(isolated.code == 0 && !isolated.errors.contains("done in"), "\(isolated.errors)")

        let lock = try Program.call("plugin", "lock", "run.yaml", in: folder.path)
        #expect(lock.output == "reflux.lock: 1 plugin\n  parts 1.0.0: added\n", "\(lock)")
        try PartsPlugin(version: "1.0.1").build(in: folder.path)
        let refused = try Program.call("run", "run.yaml", in: folder.path)
        #expect(refused.code == 1 && refused.errors.contains("[plugin.lock]"), "\(refused)")
        let again = try Program.call("plugin", "lock", "run.yaml", "--json", in: folder.path)
        #expect(again.output.contains("\"change\" : \"changed\""), "\(again)")

        let later = try Program.call("run", "run.yaml", in: folder.path)
        try #require(later.code == 0, "\(later.errors)")
        #expect(folder.exists("runs/tiny/reflux.lock"))
        for stage in StageID.allCases {
            let ran = later.errors.contains("\(stage.rawValue): its inputs changed")
            #expect(ran == [.reinforce, .evaluate].contains(stage), "\(stage)")
        }
        // The lock went to the run folder: resume checks it too.
        try PartsPlugin(version: "1.0.2").build(in: folder.path)
        let resumed = try Program.call("resume", "runs/tiny", in: folder.path)
        #expect(resumed.code == 1 && resumed.errors.contains("[plugin.lock]"), "\(resumed)")
    }

    @Test("--plugin is kept for resume, and a failing optimizer leaves the last checkpoint")
    func failingOptimizer() throws {
        let plugin = try PartsPlugin().build(in: folder.path)
        try folder.write(Self.runFile, to: "run.yaml")
        let failed = try Program.call(
            "run", "run.yaml", "--plugin", "./parts", "--set", "reinforce.fails_at=4",
            in: folder.path)
        #expect(failed.code == 1)
        #expect(failed.errors.contains("error: \(plugin): plain: "), "\(failed.errors)")
        #expect(failed.errors.contains("out of ideas"))
        #expect(folder.exists("runs/tiny/reinforce/checkpoints/step-3"))
        // A new process has not failed yet: the run goes on from there, with the plugin.
        let resumed = try Program.call("resume", "runs/tiny", in: folder.path)
        #expect(resumed.code == 0, "\(resumed.errors)")
        #expect(resumed.errors.contains("reinforce: goes on where it was interrupted"))
        #expect(try record("tiny")["added_plugins"] == .array([.string("./parts")]))
    }

    @Test(
        "a rule that fails abstains; one that breaks its contract or dies ends the run",
        arguments: [
            ("error", "none", ""), ("nan", "none", "[call.result]"),
            ("crash", "process", "[worker.crash]"), ("hang", "process", "[worker.time]"),
        ])
    func failingRule(_ fault: String, _ isolation: String, _ check: String) throws {
        try PartsPlugin().build(in: folder.path)
        try folder.write(
            Self.byRule + "plugins: [{use: ./parts, isolation: \(isolation), call_limit: 1}]\n",
            to: "run.yaml")
        let set = ["--set", "label.fault=\(fault)", "--set", "label.fails_at=2"]
        for stage in ["prepare", "teach"] {
            let outcome = try Program.call([stage, "run.yaml"] + set, in: folder.path)
            try #require(outcome.code == 0, "\(outcome.errors)")
        }
        let outcome = try Program.call(["label", "run.yaml"] + set, in: folder.path)
        #expect(outcome.errors.contains("/parts: agreement: word-problems/train/2: "))
        if check.isEmpty {
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("the rule failed on 1 prompts"))
        } else {
            #expect(outcome.code == 1)
            #expect(outcome.errors.hasSuffix("\(check)\n"), "\(outcome.errors)")
            #expect(!folder.exists("runs/tiny/label/stage.json"))
        }
    }
}
