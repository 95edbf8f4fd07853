package import RefluxCore
import RefluxRewards

/// A question with its responses and what the rule made of them, for counting.
struct AuditedGroup: Sendable {
    /// One response with its verdict.
    struct Item: Sendable {
        /// The response as it was read.
        let read: ReadResponse
        /// The rule's verdict.
        let verdict: Verdict
        /// Whether its answer is the dataset's; `nil` without a gold answer.
        let isRight: Bool?
    }

    /// The question.
    let example: Example
    /// The pseudo-label.
    let label: String?
    /// Why there is none.
    let abstention: String?
    /// What the rule threw.
    let fault: String?
    /// A plain vote over all responses.
    let votes: VoteCount
    /// The share of the leading answer: the rule's own where it says so, else that of a plain vote
    /// over all responses, unreadable ones included.
    let share: Double
    /// Whether two answers lead together, whatever the rule did about it.
    let isTied: Bool
    /// The rule's own numbers.
    let metrics: [String: Double]
    /// The responses.
    var items: [Item]

    /// Whether the label is the dataset's answer; `nil` without label or gold.
    var isLabelRight: Bool? {
        guard let label, let gold = example.gold else { return nil }
        return label == gold
    }

    /// Takes a judged group apart. An answer is right when the reading that votes gives the
    /// dataset's answer; nothing is guessed.
    ///
    /// - Parameters:
    ///   - judged: the group.
    ///   - readings: the responses that count.
    ///   - context: how many responses stand before them that the rule saw and that do not count.
    init(_ judged: JudgedGroup, readings: [ReadResponse], behind context: Int = 0) {
        example = judged.example
        label = judged.judgement.label
        abstention = judged.judgement.abstention
        fault = judged.fault
        metrics = judged.judgement.metrics
        let votes = VoteCount(judged.group.answers)
        self.votes = votes
        share = judged.judgement.metrics["share"] ?? votes.share
        isTied =
            judged.judgement.metrics["margin"].map { $0 == 0 && !votes.ranking.isEmpty }
            ?? (votes.leaders.count > 1)
        let gold = judged.example.gold
        items = zip(readings, judged.judgement.verdicts.dropFirst(context)).map { read, verdict in
            Item(read: read, verdict: verdict, isRight: gold.map { read.answer == $0 })
        }
    }

    /// A group whose label and rewards were given elsewhere; share and tie are those of a plain vote.
    init(
        _ example: Example, label: String?, abstention: String?, verdicts: [Verdict],
        readings: [ReadResponse]
    ) {
        self.example = example
        self.label = label
        self.abstention = abstention
        fault = nil
        metrics = [:]
        votes = VoteCount(readings.map(\.answer))
        share = votes.share
        isTied = votes.leaders.count > 1
        items = zip(readings, verdicts).map { read, verdict in
            Item(read: read, verdict: verdict, isRight: example.gold.map { read.answer == $0 })
        }
    }
}

extension AuditedGroup {
    /// The responses with their pseudo-rewards, as lines of a run's `label/labelled.jsonl`.
    func labelled(audited: Bool) -> [LabelledResponse] {
        items.map { item in
            var abstention: String?
            if case .abstain(let reason) = item.verdict { abstention = reason }
            return LabelledResponse(
                response: item.read.response, promptIndex: example.index,
                answer: item.read.answer, label: label, reward: item.verdict.reward,
                abstention: abstention, correct: audited ? item.isRight : nil)
        }
    }
}

/// All recorded responses with the rule's judgements.
package struct JudgedRecording: Sendable {
    /// The task's name.
    package let task: String
    /// The rule's name.
    package let rule: String
    /// How the file fits the task.
    package let counts: PairingCounts
    /// The questions with their responses.
    let groups: [AuditedGroup]

    /// Every response with its pseudo-reward, as a run's `label/labelled.jsonl` has them.
    ///
    /// - Parameter audited: whether the lines say which responses are right.
    /// - Returns: the responses, question by question.
    package func labelled(audited: Bool) -> [LabelledResponse] {
        groups.flatMap { $0.labelled(audited: audited) }
    }

    /// The rule's own numbers, each as the mean over the questions that have it.
    package var metrics: [String: Double] { RuleMetrics.means(of: groups.map(\.metrics)) }

    /// What the rule threw, with how often.
    package var faults: [String: Int] {
        groups.compactMap(\.fault).reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
}
