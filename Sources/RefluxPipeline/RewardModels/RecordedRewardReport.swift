import Foundation
import RefluxCore
import RefluxFiles
import RefluxRewards

/// How good a reward model is on recorded responses: what `reflux reward fit` and `report` tell.
package struct RecordedRewardReport: Sendable, Codable {
    /// One part of a divided report.
    struct Part: Sendable, Codable, Equatable {
        /// The model or the category.
        let name: String
        /// Its numbers.
        let section: RewardEvaluation.Section
    }

    /// The task.
    let task: String
    /// The rule that gave the pseudo-rewards.
    let rule: String
    /// What the model learnt from, where `reflux reward fit` made it.
    let fit: RewardFitSettings?
    /// How many questions and responses stand where, likewise.
    let counts: RecordedSplit.Counts?
    /// The numbers.
    let evaluation: RewardEvaluation
    /// The numbers of the held-out responses by division.
    let parts: [String: [Part]]

    /// Measures responses of held-out questions and, where there are any, of training questions.
    ///
    /// - Throws: ``RefluxError`` as ``RewardReport`` does.
    init(
        task: String, rule: String, fit: RewardFitSettings? = nil,
        counts: RecordedSplit.Counts? = nil, heldOut: [MeasuredResponse],
        training: [MeasuredResponse] = [], by divisions: [AuditReport.Division] = []
    ) throws {
        self.task = task
        self.rule = rule
        self.fit = fit
        self.counts = counts
        evaluation = RewardEvaluation(
            heldOut: try RewardEvaluation.Section(heldOut),
            training: try training.isEmpty ? nil : RewardEvaluation.Section(training))
        parts = try divisions.reduce(into: [:]) { parts, division in
            let groups = Dictionary(grouping: heldOut) { line in
                switch division {
                case .model: line.labelled.response.model
                case .category: line.category ?? "none"
                }
            }
            parts[division.rawValue] = try groups.sorted { $0.key < $1.key }.map { name, lines in
                Part(name: name, section: try RewardEvaluation.Section(lines))
            }
        }
    }

    /// The same with what a record says.
    init(
        record: RewardFitRecord, heldOut: [MeasuredResponse], training: [MeasuredResponse],
        by divisions: [AuditReport.Division]
    ) throws {
        try self.init(
            task: record.task, rule: record.rule, fit: record.fit, counts: record.counts,
            heldOut: heldOut, training: training, by: divisions)
    }

    enum CodingKeys: String, CodingKey {
        case task, rule, fit, counts, evaluation
        case parts = "by"
    }
}

extension RecordedRewardReport {
    /// The report in a folder of `reflux reward fit`; `nil` where there is none yet.
    static func read(in folder: String) throws -> RecordedRewardReport? {
        let path = "\(folder)/\(RewardFitFolder.report)"
        guard Files.exists(path) else { return nil }
        return try JSONText.decode(Self.self, from: Files.read(path), path: path)
    }

    /// The report that `reflux reward fit` left in a folder.
    ///
    /// - Throws: ``RefluxError`` of kind `input` when it left none.
    package init(fittedIn folder: String) throws {
        guard let report = try Self.read(in: folder) else {
            throw RefluxError(
                .input, found: "no \(RewardFitFolder.report)", at: SourceLocation(path: folder),
                wanted: "a folder in which reflux reward fit has finished",
                remedy: "Finish the fit, or measure the model on responses with --responses.")
        }
        self = report
    }

    /// Writes `report.html` and, last, `report.json`.
    func write(to folder: String) throws {
        try Files.writeAtomically(Data(html.utf8), to: "\(folder)/\(RewardFitFolder.page)")
        let text = try JSONText.encode(self, pretty: true) + "\n"
        try Files.writeAtomically(Data(text.utf8), to: "\(folder)/\(RewardFitFolder.report)")
    }
}

extension RewardEvaluation.Section {
    /// Measures lines; a baseline that some of them lack is left out.
    init(_ lines: [MeasuredResponse]) throws {
        let names = Set(lines.flatMap(\.baselines.keys))
        let baselines = names.reduce(into: [String: [Double]]()) { result, name in
            let scores = lines.compactMap { $0.baselines[name] }
            if scores.count == lines.count { result[name] = scores }
        }
        try self.init(
            lines.map(\.labelled), scores: lines.map(\.score), baselines: baselines)
    }
}
