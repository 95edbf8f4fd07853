import Foundation
import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxPipeline

@Suite("The stages of a run")
struct StageRunTests {
    @Test("a whole run lifts the student above its warm-up and its teacher")
    func wholeRun() async throws {
        let run = try await SevenRun()
        let result = try await run.carryOut()
        #expect(result.rows.map(\.model) == ["teacher", "base", "warmup", "reinforced"])
        #expect(result.rows.allSatisfy { $0.metric == "exact" && $0.count == 10 })
        let steps = try run.metrics(.reinforce)
        #expect(steps.count == 12)
        let first = try #require(steps.first?["rollout_accuracy"])
        let last = try #require(steps.last?["rollout_accuracy"])
        #expect(last > first + 0.2)
        for name in [
            "label_accuracy", "reward_accuracy", "majority_ratio", "unparsed_rate",
            "zero_variance_groups", "score_mean", "rule_reward", "kl_reference", "entropy",
            "response_length", "truncated_rate", "clip_fraction", "sampler_trainer_difference",
            "reward_mean", "gradient_norm", "seconds", "loss", "rule_errors",
        ] {
            #expect(steps[0][name] != nil, "\(name)")
        }
        #expect(steps.contains { $0["score_rule_correlation"] != nil })
        #expect(steps.contains { $0["within_prompt_auc_rule"] != nil })
        #expect(try #require(steps[2]["held_out_rule_reward"]) >= 0)
        #expect(try #require(steps[0]["sampler_trainer_difference"]) < 1e-5)
        let losses = try run.metrics(.warmup).compactMap { $0["loss"] }
        #expect(try #require(losses.last) < losses[0] - 0.1)
    }

    @Test("a run that was cut anywhere goes on to the same artefacts, bit for bit")
    func resumes() async throws {
        let run = try await SevenRun()
        let healthy = SabotagedProvider()
        try await run.carryOut(in: "whole", models: healthy)
        let calls = healthy.calls.increment() - 1
        // While teaching, warming up, fitting the reward model, and twice while reinforcing.
        for part in [1, 10, 20, 50, 90] {
            let runs = "cut-\(part)"
            await #expect(throws: RefluxError.self) {
                try await run.carryOut(
                    in: runs,
                    models: SabotagedProvider(Sabotage(failingCall: calls * part / 100 + 1)))
            }
            try await run.carryOut(in: runs)
            try compare(run, runs, with: "whole")
        }
    }

    private func compare(_ run: SevenRun, _ cut: String, with whole: String) throws {
        for name in [
            "teach/responses.jsonl", "label/labelled.jsonl", "sample/labelled.jsonl",
            "reward/report.json", "reinforce/rollouts.jsonl", "evaluate/reinforced.jsonl",
            "result.json",
        ] {
            // Models are named by their paths, which differ between the two folders.
            let text = try run.read(name, in: cut).replacing("/\(cut)/", with: "/\(whole)/")
            #expect(try text == run.read(name, in: whole), "\(name) of \(cut)")
        }
        for stage in [StageID.warmup, .reinforce] {
            #expect(
                try run.model("\(stage.rawValue)/model", in: cut)
                    == run.model("\(stage.rawValue)/model", in: whole))
            #expect(
                try Self.withoutTimes(run.metrics(stage, in: cut))
                    == Self.withoutTimes(run.metrics(stage, in: whole)))
        }
    }

    private static func withoutTimes(_ lines: [[String: Double]]) -> [[String: Double]] {
        lines.map { line in line.filter { !$0.key.contains("second") } }
    }

    @Test("reinforcement by the rule needs no reward model", arguments: ["grpo", "ppo"])
    func ruleAlone(optimizer: String) async throws {
        let run = try await SevenRun()
        let text = run.text.split(separator: "\n")
            .filter { !$0.hasPrefix("reward:") && !$0.contains("learning_rate: 0.05,") }
            .joined(separator: "\n")
        let result = try await run.carryOut(
            [
                "reinforce.use=\(optimizer)", "reinforce.reward=rule",
                "reinforce.watch_reference=false",
            ], text: text)
        #expect(result.rows.count == 4)
        let steps = try run.metrics(.reinforce)
        let rewards = steps.compactMap { $0["rule_reward"] }
        #expect(try #require(rewards.last) > rewards[0] + 0.15)
        #expect(steps.allSatisfy { $0["score_mean"] == nil })
    }

    @Test("reinforcement that unlearns ends early, and the best student is kept")
    func earlyStop() async throws {
        let run = try await SevenRun()
        let overrides = [
            "reinforce.use=contrary", "reinforce.reward=rule", "reinforce.learning_rate=1",
            "reinforce.evaluate_every=1", "warmup.epochs=6",
        ]
        try await run.carryOut(overrides, in: "guarded")
        let steps = try run.metrics(.reinforce, in: "guarded")
        #expect(steps.count < 12)
        #expect(
            try run.model("reinforce/model", in: "guarded")
                == run.model("warmup/model", in: "guarded"))
        try await run.carryOut(overrides + ["reinforce.early_stop_drop=0"], in: "blind")
        #expect(try run.metrics(.reinforce, in: "blind").count == 12)
    }

    @Test("both rewards together and refreshed labels run through")
    func bothRewards() async throws {
        let run = try await SevenRun()
        try await run.carryOut(["reinforce.reward=both", "reinforce.label_refresh=4"])
        let last = try #require(run.metrics(.reinforce).last?["rollout_accuracy"])
        #expect(last > 0.5)
    }

    @Test("a reward model below the floor stops the run, and an override lets it go on")
    func floor() async throws {
        let run = try await SevenRun()
        let error = try await #require(throws: RefluxError.self) {
            try await run.carryOut(["reward.floor=1", "task.held_out=0.6"])
        }
        #expect(error.kind == .refused)
        #expect(error.found.contains("within-prompt AUC"))
        #expect(error.remedy?.contains("override_floor") == true)
        let fit = try run.read("reward/report.json")
        try await run.carryOut([
            "reward.floor=1", "task.held_out=0.6", "reward.override_floor=true",
        ])
        #expect(try run.read("reward/report.json") == fit)
    }

    @Test("a loss that is not finite ends the stage, names the step and keeps the checkpoint")
    func numericFailure() async throws {
        let run = try await SevenRun()
        let error = try await #require(throws: RefluxError.self) {
            try await run.carryOut(
                models: SabotagedProvider(Sabotage(numericFailureAfterUpdates: 6)))
        }
        #expect(error.kind == .numeric)
        #expect(error.found.hasPrefix("step 6: the loss is nan"))
        #expect(error.remedy?.contains("step-5") == true)
        #expect(try run.read("warmup/checkpoints/step-5/state.json") == "{}")
        #expect(try run.metrics(.warmup).count == 6)
    }

    @Test("rewards beyond 0 and 1 are what the policy learns from, and 0 and 1 to the reward model")
    func rewardsBeyondProbabilities() async throws {
        let run = try await SevenRun()
        let text = run.text.replacing(
            "{use: teacher-majority, min_share: 0.5}", with: "{use: generous}")
        try await run.carryOut(["reinforce.reward=rule"], text: text)
        let report = try run.read("reward/report.json")
        #expect(report.contains("\"mean_reward\" : 0."))
        let steps = try run.metrics(.reinforce)
        #expect(try #require(steps.compactMap { $0["reward_mean"] }.max()) > 1)
    }

    @Test("a rule that throws is counted, and the responses it could not judge abstain")
    func throwingRule() async throws {
        let run = try await SevenRun()
        try await run.carryOut(
            text: run.text.replacing(
                "{use: teacher-majority, min_share: 0.5}", with: "{use: throwing}"))
        #expect(try run.metrics(.label).first?["rule_errors"] == 1)
        let labels = try JSONLines.read(
            PromptLabel.self, from: "\(run.folder.path)/runs/seven/label/labels.jsonl")
        #expect(labels[2].fault?.contains("no idea") == true)
        #expect(labels[2].rewarded == 0 && labels[3].rewarded == 8)
        let errors = try run.metrics(.reinforce).compactMap { $0["rule_errors"] }
        #expect(errors.contains(1) && errors.contains(0))
    }
}
