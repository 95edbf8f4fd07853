import Foundation
import RefluxCore
import RefluxFiles

/// Stage 7: every model answers the test prompts greedily. Leaves `MODEL.jsonl` with each response
/// and its marks, and `result.json` with an accuracy and its standard error for each metric.
struct EvaluateStage: Stage {
    let id = StageID.evaluate

    func inputs(_ context: StageContext) throws -> StageInputs {
        var stages: [StageID] = context.preparation
        for model in context.configuration.evaluate.models {
            switch model {
            case .teacher, .base: break
            case .warmup: stages.append(.warmup)
            case .reinforced: stages.append(.reinforce)
            }
        }
        let limit = context.configuration.taskSettings.test.map(ConfigurationValue.integer)
        let prompts = ConfigurationEntry(
            "test", ConfigurationNode(limit ?? .null, at: context.configuration.source.location))
        var inputs = context.inputs(
            of: "task", "evaluate", models: try context.givenModels(givenModels(context)),
            stages: stages)
        if case .table(let entries) = inputs.settings {
            inputs.settings = .table(entries + [prompts])
        }
        return inputs
    }

    func run(_ context: StageContext) async throws {
        let examples = try context.testExamples()
        guard !examples.isEmpty else {
            throw RefluxError(.input, found: "the task has no test prompts")
        }
        var rows: [ResultRow] = []
        try context.metrics.truncate(fromStep: 0)
        for (index, model) in context.configuration.evaluate.models.enumerated() {
            guard let path = path(of: model, context: context) else {
                context.observer.note(
                    "no row for the teacher: none of the teachers is a model here")
                continue
            }
            let answers = try await answers(of: model, at: path, to: examples, context: context)
            let own = self.rows(of: model, answers: answers, context: context)
            rows += own
            context.observer.metrics(
                index, Dictionary(own.map { ($0.metric, $0.accuracy) }, uniquingKeysWith: { $1 }))
        }
        let text = try JSONText.encode(EvaluationResult(rows: rows), pretty: true)
        try Files.writeAtomically(
            Data(text.utf8), to: "\(context.folder(.evaluate))/result.json")
    }

    private func answers(
        of model: EvaluateSettings.Model, at path: String, to examples: [Example],
        context: StageContext
    ) async throws -> [EvaluatedResponse] {
        let settings = context.configuration.evaluate
        let log = ChunkedLog<EvaluatedResponse>(
            path: "\(context.folder(.evaluate))/\(model.rawValue).jsonl")
        let done = try log.resume()
        let chunks = examples.chunks(of: settings.batch)
        guard done < chunks.count else { return try log.read() }
        let engine = try await context.models.open(
            path,
            options: ModelOptions(
                precision: settings.precision ?? context.configuration.student.precision,
                seed: context.configuration.seed))
        for chunk in chunks[done...] {
            try Task.checkCancellation()
            let observer = context.observer.part(
                done: chunk.startIndex, of: examples.count, unit: "answers of \(model.rawValue)")
            let drawn = try await engine.responses(
                to: chunk.map(context.task.prompt),
                settings: .greedy(maxTokens: settings.maxTokens), observer: observer
            ) { RandomKey(seed: context.configuration.seed, stage: .evaluate, prompt: $0.index) }
            try log.append(
                try zip(chunk, drawn).compactMap { example, samples in
                    try samples.first.map {
                        try EvaluatedResponse($0, to: example, task: context.task)
                    }
                })
        }
        return try log.read()
    }

    private func rows(
        of model: EvaluateSettings.Model, answers: [EvaluatedResponse], context: StageContext
    ) -> [ResultRow] {
        let grades = answers.map(\.grade)
        let accuracies = context.task.aggregate(grades)
        let wanted = context.configuration.evaluate.metrics
        return (wanted.isEmpty ? context.task.metrics : wanted).compactMap { metric in
            accuracies[metric].map { accuracy in
                ResultRow(
                    model: model.rawValue, split: Split.test.rawValue, metric: metric,
                    accuracy: accuracy.value, standardError: accuracy.standardError,
                    count: accuracy.count, unparsedRate: context.task.unparsedRate(grades))
            }
        }
    }

    private func path(of model: EvaluateSettings.Model, context: StageContext) -> String? {
        let roles = context.buildContext().roles
        return switch model {
        case .teacher: roles["teacher"]
        case .base: roles["base"]
        case .warmup: roles["student"]
        case .reinforced: "\(context.folder(.reinforce))/model"
        }
    }

    private func givenModels(_ context: StageContext) -> [String] {
        context.configuration.evaluate.models
            .filter { $0 == .teacher || $0 == .base }
            .compactMap { path(of: $0, context: context) }
    }
}

/// One graded answer: a line of `evaluate/MODEL.jsonl`.
struct EvaluatedResponse: Sendable, Codable, Equatable {
    /// The example's id.
    var prompt: String
    /// What the model answered.
    var text: String
    /// The extracted answer.
    var answer: String?
    /// The dataset's answer.
    var gold: String?
    /// The marks.
    var grade: Grade
    /// Why generation ended.
    var finish: Response.FinishReason
    /// The number of generated tokens.
    var tokens: Int

    /// Grades a response.
    init(_ sampled: SampledResponse, to example: Example, task: any TaskEvaluator) throws {
        prompt = example.id
        text = sampled.text
        answer = try task.answer(in: sampled.text)
        gold = example.gold
        grade = try task.grade(sampled.text, for: example)
        finish = sampled.finish
        tokens = sampled.tokens.count
    }
}
