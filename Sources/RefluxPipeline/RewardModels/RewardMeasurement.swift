import RefluxCore
import RefluxFiles

/// Has a reward model score recorded responses, question by question, and keeps what was done: a
/// measurement that was interrupted goes on behind the last whole question.
struct RewardMeasurement: Sendable {
    /// The reward model.
    let model: any RewardModel
    /// The task, for the prompts.
    let task: any TaskEvaluator
    /// What the scores are compared with.
    let baselines: RewardBaselines
    /// Told of the progress.
    let observer: RunObserver

    /// Scores the responses of questions.
    ///
    /// - Parameters:
    ///   - groups: the questions.
    ///   - path: where the lines are kept; `nil` keeps none.
    /// - Returns: a line a response.
    /// - Throws: what the model throws; `CancellationError` between two questions.
    func measure(
        _ groups: [AuditedGroup], keptAt path: String? = nil
    ) async throws -> [MeasuredResponse] {
        let total = groups.reduce(0) { $0 + $1.items.count }
        let log = path.map(ChunkedLog<MeasuredResponse>.init)
        let done = try log?.resume() ?? 0
        var lines = done > 0 ? try log?.read() ?? [] : []
        for group in groups.dropFirst(done) {
            try Task.checkCancellation()
            let measured = try await measure(group)
            try log?.append(measured)
            lines += measured
            observer.progress(lines.count, total, "responses scored")
        }
        return lines
    }

    private func measure(_ group: AuditedGroup) async throws -> [MeasuredResponse] {
        let items = try group.scoringItems(task)
        let scores = try await model.score(items)
        let others = try await baselines.scores(of: group, items: items)
        guard scores.count == items.count, scores.allSatisfy(\.isFinite) else {
            throw RefluxError(
                .broken, found: "the reward model gave \(scores)", wanted: "\(items.count) scores")
        }
        return zip(group.labelled(audited: true), zip(scores, others)).map { labelled, scores in
            var labelled = labelled
            labelled.reward = labelled.reward.map { min(max($0, 0), 1) }
            return MeasuredResponse(
                labelled: labelled, category: group.example.category, score: scores.0,
                baselines: scores.1)
        }
    }
}

extension AuditedGroup {
    /// The responses as they are scored.
    func scoringItems(_ task: any TaskEvaluator) throws -> [ScoringItem] {
        let prompt = try task.prompt(for: example)
        return items.map { item in
            ScoringItem(
                prompt: prompt, text: item.read.response.text,
                finished: item.read.response.finish != .length)
        }
    }
}
