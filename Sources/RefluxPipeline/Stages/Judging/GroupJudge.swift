import RefluxCore

/// Has the rule judge groups of responses. A rule that throws, whose verdicts do not fit, or that
/// takes longer than it may, is never taken for a rejection: its responses abstain and the fault is
/// kept.
struct GroupJudge: Sendable {
    /// The task, for prompts, answers and audits.
    let task: any TaskEvaluator
    /// The rule.
    let rule: any PseudoRewardRule
    /// The seconds that it may take for a group, if that is limited. A rule is cancelled then, and
    /// waited for: one that does not look for cancellation holds the stage, and its judgement does
    /// not count all the same.
    var timeout: Double?

    /// Judges the responses to one example.
    ///
    /// - Parameters:
    ///   - example: what was asked.
    ///   - responses: the teacher's and the student's.
    ///   - answers: their answers, where they are known already.
    /// - Returns: the group with the rule's judgement, or with its fault.
    /// - Throws: when the task is cancelled, and when a part broke (``RefluxError/Kind/broken``).
    func judge(
        _ example: Example, responses: [Response], answers: [String?]? = nil
    ) async throws -> JudgedGroup {
        let group = ResponseGroup(
            prompt: try task.prompt(for: example), responses: responses,
            answers: try answers ?? responses.map { try task.answer(in: $0.text) },
            gold: rule.needsGold ? example.gold : nil)
        do {
            let judgement = try await ask(group)
            try Self.check(judgement, of: group)
            return JudgedGroup(example: example, group: group, judgement: judgement, fault: nil)
        } catch let error as CancellationError {
            throw error
        } catch let error as RefluxError where error.kind == .broken {
            throw error
        } catch {
            return JudgedGroup(
                example: example, group: group, judgement: Self.faulty(group), fault: "\(error)")
        }
    }

    /// Asks the rule for as long as it may take.
    private func ask(_ group: ResponseGroup) async throws -> GroupJudgement {
        guard let timeout else { return try await rule.judge(group) }
        return try await withThrowingTaskGroup(of: GroupJudgement?.self) { [rule] tasks in
            tasks.addTask { try await rule.judge(group) }
            tasks.addTask {
                try await Task.sleep(for: .seconds(timeout))
                return nil
            }
            defer { tasks.cancelAll() }
            if let first = try await tasks.next(), let judgement = first { return judgement }
            throw RefluxError(
                .system, found: "the rule \(rule.name) took longer than \(timeout) seconds",
                remedy: "Raise label.timeout, or make its judgements cheaper.")
        }
    }

    private static func check(_ judgement: GroupJudgement, of group: ResponseGroup) throws {
        guard judgement.verdicts.count == group.responses.count else {
            throw RefluxError(
                .internalFault, found: "\(judgement.verdicts.count) verdicts",
                wanted: "one for each of the \(group.responses.count) responses")
        }
        for case .reward(let reward) in judgement.verdicts where !reward.isFinite {
            throw RefluxError(
                .numeric, found: "a pseudo-reward is \(reward)", wanted: "a finite number")
        }
    }

    private static func faulty(_ group: ResponseGroup) -> GroupJudgement {
        GroupJudgement(
            label: nil, abstention: JudgedGroup.faultReason,
            verdicts: group.responses.map { _ in .abstain(JudgedGroup.faultReason) })
    }
}

/// A group with what the rule made of it.
struct JudgedGroup: Sendable {
    /// The reason of an abstention that a fault of the rule caused.
    static let faultReason = "the rule failed"

    /// What was asked.
    let example: Example
    /// The responses with their answers.
    let group: ResponseGroup
    /// The rule's judgement.
    let judgement: GroupJudgement
    /// What the rule threw, in words.
    let fault: String?

    /// The pseudo-reward of each response; `nil` for an abstention.
    var rewards: [Double?] { judgement.verdicts.map(\.reward) }

    /// The responses with their verdicts, as lines of the run folder. Right is what the reading that
    /// votes says.
    func labelled() -> [LabelledResponse] {
        group.responses.indices.map { index in
            var abstention: String?
            if case .abstain(let reason) = judgement.verdicts[index] { abstention = reason }
            return LabelledResponse(
                response: group.responses[index], promptIndex: example.index,
                answer: group.answers[index], label: judgement.label,
                reward: judgement.verdicts[index].reward, abstention: abstention,
                correct: example.gold.map { $0 == group.answers[index] })
        }
    }
}

extension TaskEvaluator {
    /// Whether a response is right by the reading that votes, as in every audit; `nil` without a gold
    /// answer. For audits only: the final table has every metric of the task.
    func isCorrect(_ text: String, for example: Example) throws -> Bool? {
        guard let gold = example.gold else { return nil }
        return try answer(in: text) == gold
    }
}
