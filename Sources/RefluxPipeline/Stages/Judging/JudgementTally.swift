import RefluxCore

/// Collects judged groups and tells what became of them.
struct JudgementTally {
    /// Every response with its verdict.
    private(set) var responses: [LabelledResponse] = []
    /// The label of every prompt.
    private(set) var labels: [PromptLabel] = []
    private let observer: RunObserver

    /// Starts with nothing.
    init(observer: RunObserver) { self.observer = observer }

    /// Adds a group. The first fault of the rule is told at once.
    mutating func add(_ group: JudgedGroup, labelled: [LabelledResponse]) {
        if let fault = group.fault, !labels.contains(where: { $0.fault != nil }) {
            observer.note("the rule failed on \(group.example.id), its responses abstain: \(fault)")
        }
        responses += labelled
        labels.append(PromptLabel(group, labelled: labelled))
    }

    /// The numbers so far.
    var metrics: LabelMetrics { LabelMetrics(labels: labels, responses: responses) }

    /// Tells how many prompts have rewards, and how often the rule failed.
    func tell() {
        let rewarded = labels.count { $0.rewarded > 0 }
        observer.note("\(rewarded) of \(labels.count) prompts have pseudo-rewards")
        let faults = labels.count { $0.fault != nil }
        if faults > 0 { observer.note("the rule failed on \(faults) prompts (rule_errors)") }
    }
}
