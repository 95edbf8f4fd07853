import RefluxCore

/// What recorded responses are compared with.
package enum Opponent: Sendable, Equatable {
    /// Another file of responses to the same task, with the same fields.
    case file(String)
    /// Another model of the same file.
    case model(String)
}

extension RecordedAuditor {
    /// Grades recorded responses by every metric of the task.
    ///
    /// - Parameters:
    ///   - model: the model that counts; `nil` for all of the file.
    ///   - opponent: what it is compared with.
    /// - Returns: the numbers, and each graded response.
    /// - Throws: ``RefluxError`` of kind `input` as for labels; `usage` for an unknown model, and where
    ///   a comparison needs one of several models.
    package func evaluation(
        model: String? = nil, against opponent: Opponent? = nil
    ) async throws -> (evaluation: RecordedEvaluation, samples: [GradedResponse]) {
        guard examples.contains(where: { $0.gold != nil }) else {
            throw RefluxError(.input, found: "the questions of \(task.name) have no answers")
        }
        let read = try await responses(graded: true)
        var comparison: PairedComparison?
        if let opponent {
            comparison = try await compare(read, model: model, with: opponent)
        }
        let names = try model.map { [try known($0, in: read.counts)] } ?? read.counts.models
        let kept = Set(names)
        return (
            RecordedEvaluation(
                task: task.name, metrics: task.metrics, pairing: read.counts,
                models: names.map {
                    .init($0, groups: read.groups(of: $0), metrics: task.metrics)
                }, comparison: comparison),
            read.groups.flatMap { group in
                group.responses.filter { kept.contains($0.response.model) }
                    .map { GradedResponse($0, example: group.example) }
            }
        )
    }

    private func compare(
        _ read: RecordedResponses, model: String?, with opponent: Opponent
    ) async throws -> PairedComparison {
        switch opponent {
        case .model(let other):
            _ = try known(other, in: read.counts)
            let rest = read.counts.models.filter { $0 != other }
            let first = try model.map { try known($0, in: read.counts) } ?? only(of: rest)
            return try PairedComparison(
                (first, read.groups(of: first)), (other, read.groups(of: other)),
                metrics: task.metrics)
        case .file(let path):
            let first =
                try model.map { try known($0, in: read.counts) } ?? only(of: read.counts.models)
            let others = try await responses(at: path, graded: true)
            // The same model of the other file, where it has it.
            let second =
                others.counts.models.contains(first) ? first : try only(of: others.counts.models)
            return try PairedComparison(
                (first, read.groups(of: first)),
                ("\(second) in \(path)", others.groups(of: second)), metrics: task.metrics)
        }
    }

    private func only(of models: [String]) throws -> String {
        guard models.count == 1 else {
            throw RefluxError(
                .usage, found: "\(models.count) models", wanted: "one that is compared",
                remedy: "Name it with --model: \(models.joined(separator: ", ")).")
        }
        return models[0]
    }

    private func known(_ model: String, in counts: PairingCounts) throws -> String {
        guard counts.models.contains(model) else {
            throw RefluxError(
                .usage, found: "no response of a model \"\(model)\"",
                at: SourceLocation(path: place),
                remedy: suggestion(for: model, known: counts.models))
        }
        return model
    }
}

extension RecordedResponses {
    /// The questions that a model answered, with its responses alone.
    func groups(of model: String) -> [RecordedGroup] {
        groups.compactMap { group in
            var own = group
            own.responses = group.responses.filter { $0.response.model == model }
            return own.responses.isEmpty ? nil : own
        }
    }
}

/// One graded response: a line of the file that `--output` names.
package struct GradedResponse: Sendable, Encodable {
    /// The example's id.
    let prompt: String
    /// The model.
    let model: String
    /// The index of the sample.
    let sample: Int
    /// The line of the response in its file.
    let line: Int
    /// The category of the question.
    let category: String?
    /// What the model answered.
    let text: String
    /// Why the response ended, where that is known.
    let finish: Response.FinishReason?
    /// Its tokens, where they were counted.
    let tokens: Int?
    /// The answer of the reading that votes.
    let answer: String?
    /// The dataset's answer.
    let gold: String?
    /// The marks by metric.
    let correct: [String: Bool]
    /// Whether an answer could be read.
    let parsed: Bool

    init(_ read: ReadResponse, example: Example) {
        prompt = example.id
        model = read.response.model
        sample = read.response.sample
        line = read.line
        category = example.category
        text = read.response.text
        finish = read.response.finish == .unknown ? nil : read.response.finish
        tokens = read.response.tokenCount
        answer = read.answer
        gold = example.gold
        correct = read.grade?.correct ?? [:]
        parsed = read.grade?.parsed ?? false
    }
}
