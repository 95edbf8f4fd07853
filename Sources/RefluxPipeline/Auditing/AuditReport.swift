import RefluxCore

/// What `reflux label` tells of recorded responses.
package struct AuditReport: Sendable, Encodable {
    /// What an audit may be divided by.
    package enum Division: String, Sendable, CaseIterable {
        /// By the model that answered; labels are those of the questions that it answered.
        case model
        /// By the category of the question.
        case category
    }

    /// One part of a divided audit.
    package struct Part: Sendable, Equatable, Encodable {
        /// The model or the category.
        package let name: String
        /// Its numbers.
        package let audit: Audit
    }

    /// The task.
    package let task: String
    /// The rule.
    package let rule: String
    /// How file and task fit.
    package let pairing: PairingCounts
    /// The numbers of the whole.
    package let audit: Audit
    /// The parts by division.
    package let parts: [String: [Part]]
    /// What the rule threw, with how often.
    package let faults: [String: Int]
    /// The rule's own numbers, each as the mean over the questions that have it.
    package let metrics: [String: Double]

    /// Counts a recording.
    ///
    /// - Parameters:
    ///   - recording: the judged responses.
    ///   - gold: whether the dataset's answers are compared with.
    ///   - divisions: what the numbers are divided by as well.
    package init(_ recording: JudgedRecording, gold: Bool, by divisions: [Division] = []) {
        task = recording.task
        rule = recording.rule
        pairing = recording.counts
        faults = recording.faults
        metrics = recording.metrics
        audit = Audit(recording.groups, gold: gold)
        parts = divisions.reduce(into: [:]) { parts, division in
            parts[division.rawValue] = Self.parts(of: recording, gold: gold, by: division)
        }
    }

    /// What the rule threw, a line each.
    package var faultNotes: [String] {
        faults.sorted { $0.key < $1.key }.map { fault, count in
            "the rule failed on \(count) questions, whose responses abstain: \(fault)"
        }
    }

    private static func parts(
        of recording: JudgedRecording, gold: Bool, by division: Division
    ) -> [Part] {
        switch division {
        case .category:
            let groups = Dictionary(grouping: recording.groups) { $0.example.category ?? "none" }
            return groups.keys.sorted().map { name in
                Part(name: name, audit: Audit(groups[name] ?? [], gold: gold))
            }
        case .model:
            return recording.counts.models.map { name in
                let groups = recording.groups.compactMap { group in
                    var own = group
                    own.items = group.items.filter { $0.read.response.model == name }
                    return own.items.isEmpty ? nil : own
                }
                return Part(name: name, audit: Audit(groups, gold: gold))
            }
        }
    }

    enum CodingKeys: String, CodingKey {
        case task, rule, pairing, audit
        case parts = "by"
        case faults = "rule_errors"
        case metrics = "rule_metrics"
    }
}
