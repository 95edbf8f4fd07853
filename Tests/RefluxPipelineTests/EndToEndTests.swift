import Foundation
import Testing

@testable import RefluxPipeline

/// Whole runs of the built program with models of a few thousand parameters.
@Suite(.serialized) struct EndToEndTests {
    /// Learns, in a second, to write an answer that can be read; that is all these tests need.
    private static let runFile = """
        run: {name: tiny, seed: 3}
        prepare:
          vocabulary: 300
          corpus: 100
          teacher: {layers: 1, width: 16, heads: 2, context: 96}
          student: {layers: 1, width: 16, heads: 2, context: 96}
          train: {problems: 60, batch: 16, steps: 120, checkpoint_every: 40, learning_rate: 0.02,
                  warmup_steps: 5}
        task: {use: word-problems, max_number: 6, max_start: 4, max_steps: 1, train_size: 100,
               test_size: 10, validation_size: 0, train: 16, test: 6,
               held_out: 0.3}
        teachers: [{use: local-model, model: prepared, samples: 3, temperatures: [0.8, 1.2],
                    max_tokens: 24, batch_prompts: 4}]
        student: {model: prepared, precision: f32}
        warmup: {epochs: 8, batch_sequences: 16, checkpoint_every: 8, learning_rate: 0.02,
                 warmup_steps: 2}
        sample: {samples: 3, temperature: 1, max_tokens: 24, batch_prompts: 4}
        reward: {body: teacher, steps: 8, batch_pairs: 4, checkpoint_every: 2,
                 override_floor: true}
        reinforce: {steps: 4, prompts_per_step: 4, samples_per_prompt: 3, max_tokens: 24,
                    checkpoint_every: 1, evaluate_every: 2, evaluate_problems: 4}
        evaluate: {max_tokens: 24, batch: 2}

        """

    /// A file or folder whose appearance shows that a stage is in its midst.
    private static let midst: [(stage: StageID, name: String)] = [
        (.prepare, "checkpoints/step-40"), (.teach, "responses.jsonl"),
        (.label, "begun.json"),
        (.warmup, "checkpoints/step-8"), (.sample, "responses.jsonl"),
        (.reward, "begun.json"), (.reinforce, "checkpoints/step-1"),
        (.evaluate, "base.jsonl"),
    ]

    /// The same with adapters in place of the weights.
    private static let adapterRunFile =
        runFile
        .replacingOccurrences(
            of: "precision: f32}", with: "precision: f32, adapter: {rank: 4, dropout: 0.1}}"
        )
        .replacingOccurrences(of: "{body: teacher", with: "{adapter: {rank: 2}, body: teacher")

    @Test func aRunKilledInEveryStageEndsLikeOneThatWasNot() throws {
        try compareKilledRun(Self.runFile, stages: Self.midst.map(\.stage), atLeast: 5)
    }

    @Test func aRunOfAdaptersKilledEndsLikeOneThatWasNot() throws {
        let whole = try compareKilledRun(
            Self.adapterRunFile, stages: [.warmup, .reward, .reinforce], atLeast: 1)
        for folder in ["warmup/model", "reward/model/model", "reinforce/model"] {
            #expect(whole.exists("runs/tiny/\(folder)/adapter_model.safetensors"))
            #expect(!whole.exists("runs/tiny/\(folder)/model.safetensors"))
        }
        let adapter = "runs/tiny/reinforce/model"
        let show = try Program.call("model", "show", adapter, in: whole.path)
        #expect(show.output.contains("rank 4, alpha 8.0 on q_proj"), "\(show.output)")
        let merge = try Program.call("model", "convert", adapter, "merged", in: whole.path)
        #expect(merge.code == 0, "\(merge.errors)")
        #expect(whole.exists("merged/model.safetensors"))
        // Another adapter is another warm-up.
        let other = try Program.call(
            "run", "run.yaml", "--set", "student.adapter.rank=3", in: whole.path)
        #expect(other.errors.contains("warmup: its inputs changed"), "\(other.errors)")
    }

    /// Runs a file twice, once killed and resumed, and compares all that the runs leave.
    @discardableResult
    private func compareKilledRun(
        _ runFile: String, stages: [StageID], atLeast count: Int
    ) throws -> TemporaryFolder {
        let whole = try TemporaryFolder()
        try whole.write(runFile, to: "run.yaml")
        let outcome = try Program.call("run", "run.yaml", "--json", in: whole.path)
        try #require(outcome.code == 0, "\(outcome.errors)")

        let killed = try TemporaryFolder()
        try killed.write(runFile, to: "run.yaml")
        var interrupted: [StageID] = []
        for (stage, name) in Self.midst where stages.contains(stage) {
            if try (0..<3).contains(where: { _ in try kill(stage, at: name, in: killed) }) {
                interrupted.append(stage)
            }
        }
        #expect(interrupted.count >= count, "killed in the midst of \(interrupted) only")
        let resumed = try Program.call("resume", "runs/tiny", "--json", in: killed.path)
        try #require(resumed.code == 0, "\(resumed.errors)")
        #expect(resumed.output == outcome.output)
        let expected = try Self.artefacts(in: "\(whole.path)/runs/tiny")
        let found = try Self.artefacts(in: "\(killed.path)/runs/tiny")
        #expect(expected.count > 30)
        #expect(found.keys.sorted() == expected.keys.sorted())
        for (name, content) in expected { #expect(found[name] == content, "\(name) differs") }
        return whole
    }

    @Test func aFinishedRunCanBeGoneOnWithInEveryWay() throws {
        let folder = try TemporaryFolder()
        let variants = "variants: [{name: rule, set: {reinforce.reward: rule}}]\n"
        try folder.write(Self.runFile + variants, to: "run.yaml")
        try interrupt(in: folder)

        let first = try Program.call("resume", "runs/tiny", in: folder.path)
        try #require(first.code == 0, "\(first.errors)")
        #expect(first.output.contains("reinforced:rule"))
        #expect(!folder.exists("runs/tiny/variants/rule/reward"))
        let again = try Program.call("run", "run.yaml", in: folder.path)
        #expect(again.output == first.output)
        #expect(!again.errors.contains("done in"), "\(again.errors)")

        let later = try Program.call(
            "run", "run.yaml", "--set", "evaluate.batch=3", in: folder.path)
        #expect(later.errors.contains("evaluate: its inputs changed"))
        #expect(!later.errors.contains("reinforce: done"))
        #expect(later.output == first.output)
        try lookAround(folder)
    }

    /// Goes on with a run and kills it when a file of a stage appears.
    ///
    /// - Returns: whether the stage was in its midst. If it was too fast, it is undone.
    private func kill(_ stage: StageID, at name: String, in folder: TemporaryFolder) throws -> Bool
    {
        let path = "\(folder.path)/runs/tiny/\(stage.rawValue)"
        let process = try Program.start(["run", "run.yaml"], in: folder.path)
        Self.wait(for: "\(path)/\(name)", whileRunning: process)
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        if !FileManager.default.fileExists(atPath: "\(path)/stage.json") { return true }
        let names = StageID.allCases.map(\.rawValue)
        for later in names.drop(while: { $0 != stage.rawValue }) {
            try? FileManager.default.removeItem(atPath: "\(folder.path)/runs/tiny/\(later)")
        }
        return false
    }

    /// Begins a run and interrupts it with Control-C.
    private func interrupt(in folder: TemporaryFolder) throws {
        let process = try Program.start(["run", "run.yaml"], in: folder.path)
        let mark = "\(folder.path)/runs/tiny/prepare/checkpoints/step-40"
        Self.wait(for: mark, whileRunning: process)
        Foundation.kill(process.processIdentifier, SIGINT)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 130)
    }

    private func lookAround(_ folder: TemporaryFolder) throws {
        let report = try folder.read("runs/tiny/report.md")
        for part in ["## Labels", "## Reward model", "## Reinforcement", "## Stages", "prepare"] {
            #expect(report.contains(part))
        }
        for subject in ["responses", "labels", "rollouts", "reward"] {
            let shown = try Program.call(
                "inspect", "runs/tiny", subject, "--limit", "2", "--json", in: folder.path)
            #expect(shown.code == 0, "\(shown.errors)")
            #expect(shown.output.hasPrefix("{"))
        }
        try scoreAgain(folder)
        let answers = try Program.call(
            "generate", "--model", "runs/tiny/reinforce/model", "--max-tokens", "4", "--json",
            "--lines", in: folder.path, input: "one\ntwo\n")
        #expect(answers.code == 0, "\(answers.errors)")
        #expect(answers.output.split(separator: "\n").count == 2)
    }

    /// The same rule gives the same again; other rewards are told apart; nothing is written.
    private func scoreAgain(_ folder: TemporaryFolder) throws {
        let before = try Self.artefacts(in: "\(folder.path)/runs/tiny")
        for pool in RunPool.allCases {
            let call = try Program.call(
                "label", "--run", "runs/tiny", "--pool", pool.rawValue, "--audit", "--json",
                in: folder.path)
            try #require(call.code == 0, "\(pool): \(call.errors)")
            let report = try JSONDecoder().decode(Rescored.self, from: Data(call.output.utf8))
            let agreement = report.agreement
            #expect(agreement.same_rewards > 0, "\(pool)")
            #expect(
                agreement.now_accepted + agreement.now_rejected + agreement.lost_rewards
                    + agreement.new_rewards == 0, "\(pool): \(call.output)")
            if pool == .rollouts { continue }
            #expect(agreement.lost_labels + agreement.new_labels + agreement.other_labels == 0)
            #expect(report.earlier.rewards == report.now.audit.rewards)
            #expect(report.earlier.labels == report.now.audit.labels)
        }
        let strict = try Program.call(
            "label", "--run", "runs/tiny", "--set", "label.min_share=1", "--json", in: folder.path)
        let fewer = try JSONDecoder().decode(Rescored.self, from: Data(strict.output.utf8))
        #expect(fewer.now.audit.labels.labelled <= fewer.earlier.labels.labelled)
        #expect(fewer.now.audit.labels.right == nil)
        let scored = try Program.call(
            "label", "--run", "runs/tiny", "--pool", "student", "--reward-model",
            "runs/tiny/reward/model", "--audit", "--floor", "reward_auc=1.01", in: folder.path)
        #expect(scored.code == 1)
        #expect(scored.output.contains("now: reward model"))
        #expect(scored.errors.contains("reward_auc is"), "\(scored.errors)")
        let compared = try Program.call(
            "inspect", "runs/tiny", "--compare-extractors", "robust,flexible", "--json",
            in: folder.path)
        #expect(compared.code == 0, "\(compared.errors)")
        #expect(compared.output.contains("\"reasons\""))
        #expect(try Self.artefacts(in: "\(folder.path)/runs/tiny") == before)
    }

    /// What of the JSON of `reflux label --run` is looked at.
    private struct Rescored: Decodable {
        struct Audit: Decodable, Equatable {
            struct Labels: Decodable, Equatable {
                let prompts: Int
                let labelled: Int
                let right: Int?
            }
            struct Rewards: Decodable, Equatable {
                let accepted: Int
                let rejected: Int
                let abstentions: [String: Int]
                let precision: Double?
                let auc: Double?
            }
            let labels: Labels
            let rewards: Rewards
        }
        struct Now: Decodable {
            let audit: Audit
        }
        // swift-format-ignore: AlwaysUseLowerCamelCase
        struct Agreement: Decodable {
            let other_labels: Int
            let lost_labels: Int
            let new_labels: Int
            let same_rewards: Int
            let now_accepted: Int
            let now_rejected: Int
            let lost_rewards: Int
            let new_rewards: Int
        }
        let earlier: Audit
        let agreement: Agreement
        let now: Now
    }

    /// Waits until a path exists, or the process has ended. It blocks its thread, so that tests
    /// beside it cannot hold it up.
    private static func wait(for path: String, whileRunning process: Process) {
        while process.isRunning, !FileManager.default.fileExists(atPath: path) {
            Thread.sleep(forTimeInterval: 0.001)
        }
    }

    /// The contents of all files that must not depend on when and how often a run was interrupted:
    /// all but times. Responses name their model by its path, which differs between the two runs.
    private static func artefacts(in folder: String) throws -> [String: Data] {
        let timed: Set = ["record.json", "stage.json", "metrics.jsonl", "report.md", ".lock"]
        let names = FileManager.default.enumerator(atPath: folder)?.allObjects ?? []
        var contents: [String: Data] = [:]
        for case let name as String in names
        where !timed.contains((name as NSString).lastPathComponent) {
            let url = URL(filePath: "\(folder)/\(name)")
            let values = try url.resourceValues(forKeys: [.isRegularFileKey])
            guard values.isRegularFile == true else { continue }
            let content = try Data(contentsOf: url)
            guard name.hasSuffix(".jsonl") else {
                contents[name] = content
                continue
            }
            let text = String(decoding: content, as: UTF8.self)
            contents[name] = Data(text.replacingOccurrences(of: folder, with: "RUN").utf8)
        }
        return contents
    }
}
