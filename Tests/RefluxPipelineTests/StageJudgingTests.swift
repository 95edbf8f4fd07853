import Foundation
import RefluxCore
import RefluxTesting
import Testing

@testable import RefluxPipeline

/// Gives what it was told to give.
private struct FixedRule: PseudoRewardRule {
    let name = "fixed"
    var needsGold = false
    let make: @Sendable (ResponseGroup) throws -> GroupJudgement

    func judge(_ group: ResponseGroup) throws -> GroupJudgement { try make(group) }
}

/// Takes half a second, and looks for cancellation.
private struct SlowRule: PseudoRewardRule {
    let name = "slow"

    func judge(_ group: ResponseGroup) async throws -> GroupJudgement {
        try await Task.sleep(for: .milliseconds(500))
        return GroupJudgement(label: nil, verdicts: group.responses.map { _ in .reward(1) })
    }
}

@Suite("Judging groups")
struct StageJudgingTests {
    private let example = Example(id: "seven/0", index: 0, question: "q=", gold: "7")

    private func response(_ text: String) -> Response {
        Response(
            promptID: "seven/0", text: text, role: .teacher, source: "t", model: "m", sample: 0)
    }

    private func judge(
        _ texts: [String], needsGold: Bool = false,
        _ make: @escaping @Sendable (ResponseGroup) throws -> GroupJudgement
    ) async throws -> JudgedGroup {
        try await GroupJudge(
            task: SevenTask(), rule: FixedRule(needsGold: needsGold, make: make)
        ).judge(example, responses: texts.map(response))
    }

    @Test("a fault of a rule is an abstention with its reason, never a zero")
    func faults() async throws {
        let makers: [@Sendable (ResponseGroup) throws -> GroupJudgement] = [
            { _ in throw RefluxError(.internalFault, found: "lost") },
            { _ in GroupJudgement(label: "7", verdicts: []) },
            { _ in GroupJudgement(label: "7", verdicts: [.reward(.nan), .reward(1)]) },
        ]
        for make in makers {
            let group = try await judge(["7", "3"], make)
            #expect(group.fault != nil)
            #expect(group.rewards == [nil, nil])
            let labelled = group.labelled()
            #expect(labelled.allSatisfy { $0.abstention == "the rule failed" })
            #expect(labelled.map(\.correct) == [true, false])
        }
    }

    @Test(
        "a rule that takes too long abstains, and is heard where it does not",
        arguments: [0.05, 60])
    func timeout(seconds: Double) async throws {
        let group = try await GroupJudge(task: SevenTask(), rule: SlowRule(), timeout: seconds)
            .judge(example, responses: ["7", "3"].map(response))
        if seconds < 1 {
            #expect(group.fault?.contains("the rule slow took longer than 0.05 seconds") == true)
            #expect(group.rewards == [nil, nil])
        } else {
            #expect(group.fault == nil)
            #expect(group.rewards == [1, 1])
        }
    }

    @Test("a limit on time changes neither faults nor cancellation")
    func timeoutAndFaults() async throws {
        let lost = FixedRule { _ in throw RefluxError(.internalFault, found: "lost") }
        let group = try await GroupJudge(task: SevenTask(), rule: lost, timeout: 60)
            .judge(example, responses: [response("7")])
        #expect(group.fault == "lost.")
        let task = Task { [example, response] in
            try await GroupJudge(task: SevenTask(), rule: SlowRule(), timeout: 60)
                .judge(example, responses: [response("7")])
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { _ = try await task.value }
    }

    @Test("a cancelled task is no fault of the rule")
    func cancellation() async throws {
        await #expect(throws: CancellationError.self) {
            _ = try await judge(["7"]) { _ in throw CancellationError() }
        }
    }

    @Test("gold reaches only rules that need it", arguments: [false, true])
    func gold(needsGold: Bool) async throws {
        let group = try await judge(["7"], needsGold: needsGold) { group in
            GroupJudgement(label: group.gold, verdicts: [.reward(1)])
        }
        #expect(group.judgement.label == (needsGold ? "7" : nil))
    }

    @Test("the numbers of labels compare rewards with gold apart")
    func numbers() async throws {
        var tally = JudgementTally(observer: .silent)
        let right = try await judge(["7", "7", "3", "x"]) { group in
            GroupJudgement(
                label: "7", verdicts: group.answers.map { .reward($0 == "7" ? 1 : 0) },
                metrics: ["share": 0.5])
        }
        let wrong = try await judge(["3", "3", "7"]) { group in
            GroupJudgement(
                label: "3", verdicts: group.answers.map { .reward($0 == "3" ? 1 : 0) },
                metrics: ["share": 0.7])
        }
        let abstained = try await judge(["7"]) { _ in
            GroupJudgement(label: nil, abstention: "tie", verdicts: [.abstain("tie")])
        }
        for group in [right, wrong, abstained] {
            tally.add(group, labelled: group.labelled())
        }
        let values = tally.metrics.values
        #expect(values["label_accuracy"] == 0.5)
        #expect(values["coverage"] == 2.0 / 3)
        #expect(values["abstained: tie"] == 1)
        #expect(values["reward_accuracy"] == 4.0 / 7)
        #expect(values["reward_precision"] == 0.5)
        #expect(values["reward_recall"] == 2.0 / 3)
        #expect(values["unparsed_rate"] == 1.0 / 8)
        #expect(abs((values["majority_ratio"] ?? 0) - 0.6) < 1e-12)
    }
}

@Suite("The numbers of rollouts")
struct StageRolloutMetricsTests {
    private func rollout(
        _ group: Int, _ answer: String?, score: Double?, rule: Double?, reward: Double?,
        finish: Response.FinishReason = .stop
    ) -> Rollout {
        Rollout(
            group: group, example: Example(id: "\(group)", index: group, question: "", gold: "7"),
            sequence: TokenSequence(prompt: [1], response: [2]),
            sampled: SampledResponse(
                tokens: [2], logProbabilities: [-1], text: answer ?? "", finish: finish),
            answer: answer, correct: answer == "7", score: score, ruleReward: rule, reward: reward)
    }

    @Test("guards compare score, rule and gold on the same rollouts")
    func guards() throws {
        let rollouts = [
            rollout(0, "7", score: 2, rule: 1, reward: 0.9),
            rollout(0, "3", score: -1, rule: 0, reward: 0.3),
            rollout(0, "3", score: 3, rule: 0, reward: 0.95),
            rollout(1, "7", score: 1, rule: nil, reward: 0.5),
            rollout(1, nil, score: 0, rule: nil, reward: 0.5, finish: .length),
        ]
        let values = try RolloutMetrics(rollouts, labels: [:], source: .model).values
        #expect(values["within_prompt_auc_rule"] == 0.5)
        #expect(values["within_prompt_auc_gold"] == 2.0 / 3)
        #expect(values["zero_variance_groups"] == 0.5)
        #expect(values["unparsed_rate"] == 0.2 && values["truncated_rate"] == 0.2)
        #expect(abs((values["majority_ratio"] ?? 0) - (2.0 / 3 + 0.5) / 2) < 1e-12)
        #expect(values["rule_reward"] == 1.0 / 3)
        #expect(values["rollout_accuracy"] == 0.4)
        #expect(values["reward_accuracy"] == 0.8)
    }

    @Test("a step whose groups are all equal has no signal", arguments: [0.5, 0.6])
    func signal(other: Double) throws {
        let rollouts = [0.5, other].map { rollout(0, "7", score: nil, rule: 1, reward: $0) }
        let metrics = try RolloutMetrics(rollouts, labels: [:], source: .model)
        #expect(metrics.hasNoSignal == (other == 0.5))
    }

    @Test("the correlation is that of Pearson, and unknown without variance")
    func pearson() throws {
        // numpy.corrcoef([1, 2, 4, 8], [2, 1, 5, 7])[0, 1]
        let value = try #require(correlation([1, 2, 4, 8], [2, 1, 5, 7]))
        #expect(abs(value - 0.928_654_118_116_171) < 1e-12)
        #expect(correlation([1, 1], [2, 3]) == nil)
        #expect(correlation([], []) == nil)
    }
}
