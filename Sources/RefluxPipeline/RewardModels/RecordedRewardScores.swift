import Foundation
package import RefluxCore
import RefluxFiles
import RefluxRewards

/// Scores recorded responses by a saved reward model: what `reflux reward score` and `reflux reward
/// report` do.
package struct RecordedRewardScores: Sendable {
    private let responses: String
    private let parts: RecordedParts
    private let auditor: RecordedAuditor
    private let saved: SavedRewardModel
    private let model: any RewardModel

    /// What a person should know of the files.
    package var warnings: [String] { auditor.warnings }

    /// Makes the parts and reads the questions.
    ///
    /// - Parameters:
    ///   - source: the responses.
    ///   - saved: the reward model.
    ///   - registry: the built-in parts.
    ///   - models: opens models.
    ///   - console: where progress and notes go.
    /// - Throws: ``RefluxError`` of kind `usage` or `input`.
    package init(
        _ source: RecordedSource, by saved: SavedRewardModel, registry: ExtensionRegistry,
        models: any LanguageModelProvider, console: Console = Console()
    ) throws {
        var source = source
        source.rewardModel = .saved(saved)
        self.saved = saved
        parts = try source.parts(
            registry: registry, models: models,
            baseFolder: FileManager.default.currentDirectoryPath, console: console)
        auditor = try RecordedAuditor(source, parts: parts, console: console)
        responses = source.responses
        guard let model = parts.rewardModel else {
            throw RefluxError(.internalFault, found: "no reward model was made")
        }
        self.model = model
    }

    /// The lines of the responses with their scores in a further field, in the order of the file.
    ///
    /// Lines that belong to no question cannot be scored and are left out.
    ///
    /// - Parameter field: the name of the field.
    /// - Returns: the lines, and what a person should know.
    /// - Throws: ``RefluxError`` of kind `input` for a line that has the field already.
    package func scoredLines(field: String) async throws -> (lines: [String], notes: [String]) {
        let read = try await auditor.responses()
        var scores: [Int: Double] = [:]
        let total = read.groups.reduce(0) { $0 + $1.responses.count }
        for group in read.groups {
            try Task.checkCancellation()
            let prompt = try auditor.task.prompt(for: group.example)
            let found = try await model.score(
                group.responses.map {
                    ScoringItem(
                        prompt: prompt, text: $0.response.text,
                        finished: $0.response.finish != .length)
                })
            for (response, score) in zip(group.responses, found) { scores[response.line] = score }
            auditor.console.progress(
                "reward score", done: scores.count, total: total, unit: "responses scored")
        }
        auditor.console.endProgress()
        let known = scores
        var lines: [String] = []
        try JSONLines.forEach(in: responses) { data, number in
            guard let score = known[number] else { return }
            let place = SourceLocation(path: responses, line: number)
            lines.append(try Self.adding(score, as: field, to: data, at: place))
        }
        return (lines, read.counts.notes)
    }

    /// Adds a field at the end of an object and leaves its bytes as they are.
    private static func adding(
        _ score: Double, as field: String, to line: Data, at place: SourceLocation
    ) throws -> String {
        let object = try JSONText.decode(
            [String: JSONValue].self, from: line, path: place.path, line: place.line)
        guard object[field] == nil else {
            throw RefluxError(
                .input, found: "the line has a field \"\(field)\" already", at: place,
                wanted: "a new field for the score", remedy: "Name another one with --field.")
        }
        let text = String(decoding: line, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let name = try JSONText.encode(field, pretty: false)
        let value = try JSONText.encode(score, pretty: false)
        return String(text.dropLast()) + (object.isEmpty ? "" : ",") + "\(name):\(value)}"
    }

    /// Which questions a report is about.
    package enum Questions: Sendable {
        /// Those that the record of the reward model holds out.
        case heldOut
        /// All that have responses.
        case all
    }

    /// Has the rule judge the responses and measures the scores.
    ///
    /// - Parameters:
    ///   - questions: which questions count; without a record of the fit only all can.
    ///   - limit: the most questions.
    ///   - bodyBaseline: whether the untrained body is read as well.
    ///   - divisions: what the numbers are divided by as well.
    /// - Returns: the report, and what a person should know.
    /// - Throws: ``RefluxError``.
    package func report(
        on questions: Questions, limit: Int? = nil, bodyBaseline: Bool = false,
        by divisions: [AuditReport.Division] = []
    ) async throws -> (report: RecordedRewardReport, notes: [String]) {
        let judged = try await auditor.judged()
        var notes = judged.counts.notes
        var groups = judged.groups
        if questions == .heldOut {
            groups = try heldOut(groups)
        } else if saved.record != nil {
            notes.append("questions that the reward model learnt from are among these")
        }
        var stream = RandomKey(
            seed: saved.record?.fit.splitSeed ?? 0, stage: .reward, step: 4
        ).stream
        groups = Array(groups.shuffled(using: &stream).prefix(limit ?? .max))
        let console = auditor.console
        let measurement = RewardMeasurement(
            model: model, task: auditor.task,
            baselines: RewardBaselines(
                modelRewards: saved.record?.modelRewards ?? [:],
                body: bodyBaseline ? try await body() : nil),
            observer: RunObserver(
                progress: { console.progress("reward report", done: $0, total: $1, unit: $2) }))
        let lines = try await measurement.measure(groups)
        console.endProgress()
        let report = try RecordedRewardReport(
            task: judged.task, rule: judged.rule, heldOut: lines, by: divisions)
        return (report, notes)
    }

    /// The held-out questions, also those beyond the limit that the fit measured.
    private func heldOut(_ groups: [AuditedGroup]) throws -> [AuditedGroup] {
        guard let record = saved.record else {
            throw RefluxError(
                .usage, found: "\(saved.folder) does not say what its reward model learnt from",
                wanted: "a folder of reflux reward fit",
                remedy: "Measure it on all questions with --all.")
        }
        let split = QuestionSplit(
            choice: try HeldOutChoice(parsing: record.fit.heldOut), seed: record.fit.splitSeed)
        let sides = try split.sides(of: groups.map(\.example))
        let held = try zip(groups, sides).filter { $1 == .heldOut }.map(\.0).filter { group in
            guard let most = record.fit.promptCharacters else { return true }
            return try auditor.task.prompt(for: group.example).displayText.count <= most
        }
        guard !held.isEmpty else {
            throw RefluxError(
                .input, found: "none of \(groups.count) questions is held out",
                at: SourceLocation(path: responses),
                remedy: "Measure the model on all of them with --all.")
        }
        return held
    }

    private func body() async throws -> UntrainedBody {
        guard let record = saved.record,
            let section = try record.settings(in: saved.folder)["reward"]
        else {
            throw RefluxError(
                .usage, found: "\(saved.folder) does not say which body its reward model had",
                wanted: "a folder of reflux reward fit", remedy: "Leave --body-baseline out.")
        }
        return try await UntrainedBody(section: section, context: parts.context)
    }
}
