import RefluxCore

/// Who may earn a reward that looks at the text and not at the answer.
///
/// Such rewards would else be earned by saying nothing briefly and in good form. A blank response
/// never earns, one that was cut earns as ``CutPolicy`` says, and one without a readable answer
/// only where no answer is needed.
public struct EarningGate: Sendable, Equatable {
    /// Whether a response needs an answer to earn.
    public var needsAnswer: Bool
    /// What to do about responses that were cut.
    public var cut: CutPolicy

    /// Makes a gate.
    public init(needsAnswer: Bool = true, cut: CutPolicy = .abstain) {
        self.needsAnswer = needsAnswer
        self.cut = cut
    }

    /// Reads `needs_answer` and `cut`.
    init(_ reader: ConfigurationReader, needsAnswer: Bool = true) throws {
        self.needsAnswer = try reader.bool("needs_answer", default: needsAnswer)
        cut = try reader.choice("cut", default: .abstain)
    }

    /// Whether a response may earn.
    func admits(_ response: Response, answer: String?) -> Bool {
        !cut.rejects(response) && (answer != nil || !needsAnswer)
            && response.text.contains { !$0.isWhitespace }
    }

    /// Gives 0 to those that may not earn, and to the others their verdict. Where all of these abstain
    /// the group does, for one of their reasons.
    ///
    /// Metrics: `mean`, the mean reward where there is any, and `barred`, the fraction that may not
    /// earn.
    func judge(_ group: ResponseGroup, verdict: (Response) -> Verdict) -> GroupJudgement {
        let admitted = zip(group.responses, group.answers).map { admits($0, answer: $1) }
        let verdicts = zip(group.responses, admitted).map { $1 ? verdict($0) : .reward(0) }
        let judged = zip(verdicts, admitted).filter(\.1).map(\.0)
        return GroupJudgement(
            label: nil,
            abstention: judged.contains { $0.reward != nil }
                ? nil : judged.compactMap(\.reason).min(),
            verdicts: verdicts, metrics: metrics(verdicts, admitted))
    }

    private func metrics(_ verdicts: [Verdict], _ admitted: [Bool]) -> [String: Double] {
        var metrics: [String: Double] = [:]
        let rewards = verdicts.compactMap(\.reward)
        if !rewards.isEmpty { metrics["mean"] = rewards.reduce(0, +) / Double(rewards.count) }
        if !admitted.isEmpty {
            metrics["barred"] = Double(admitted.count { !$0 }) / Double(admitted.count)
        }
        return metrics
    }
}

extension Verdict {
    /// Why there is no reward.
    fileprivate var reason: String? {
        if case .abstain(let reason) = self { reason } else { nil }
    }
}
