import RefluxCore
import RefluxFiles

/// Stage 4: the warmed-up student answers training prompts, so that the reward model learns from the
/// kind of text that it will score. Leaves `responses.jsonl`, the student's, and `labelled.jsonl`:
/// the judged groups of these prompts, teacher and student responses together.
///
/// Prompts that got no pseudo-reward from the teachers' responses are left out, unless none got any
/// (a rule that lets only the student vote).
struct SampleStage: Stage {
    let id = StageID.sample

    func inputs(_ context: StageContext) throws -> StageInputs {
        context.inputs(of: "task", "label", "sample", stages: [.label, .warmup])
    }

    func run(_ context: StageContext) async throws {
        let examples = try chosenExamples(context)
        let log = ChunkedLog<Response>(path: "\(context.folder(.sample))/responses.jsonl")
        let done = try log.resume()
        try await draw(examples, from: done, into: log, context: context)
        try await judge(examples, responses: log.read(), context: context)
    }

    /// The prompts that the student answers, in the order of the task.
    private func chosenExamples(_ context: StageContext) throws -> [Example] {
        let path = "\(context.folder(.label))/labels.jsonl"
        let labels = try JSONLines.read(PromptLabel.self, from: path)
        let rewarded = Set(labels.filter { $0.rewarded > 0 }.map(\.prompt))
        let examples = try context.trainExamples().filter {
            rewarded.isEmpty || rewarded.contains($0.id)
        }
        guard let limit = context.configuration.sample.prompts, limit < examples.count else {
            return examples
        }
        // Step 1, since step 0 draws the samples.
        var stream = RandomKey(seed: context.configuration.seed, stage: .sample, step: 1).stream
        return examples.shuffled(using: &stream).prefix(limit).sorted { $0.index < $1.index }
    }

    private func draw(
        _ examples: [Example], from done: Int, into log: ChunkedLog<Response>,
        context: StageContext
    ) async throws {
        let settings = context.configuration.sample
        let chunks = examples.chunks(of: settings.batchPrompts)
        guard done < chunks.count else { return }
        let path = try context.model("student")
        let engine = try await context.models.open(
            path,
            options: ModelOptions(
                precision: settings.precision ?? context.configuration.student.precision,
                seed: context.configuration.seed))
        for chunk in chunks[done...] {
            try Task.checkCancellation()
            let observer = context.observer.part(
                done: (chunk.startIndex - examples.startIndex) * settings.samples,
                of: examples.count * settings.samples, unit: "responses")
            let drawn = try await engine.responses(
                to: chunk.map(context.task.prompt), settings: settings.sampling,
                count: settings.samples, observer: observer
            ) { RandomKey(seed: context.configuration.seed, stage: .sample, prompt: $0.index) }
            try log.append(
                zip(chunk, drawn).flatMap { example, samples in
                    samples.enumerated().map { index, sample in
                        Response(
                            promptID: example.id, text: sample.text, role: .student,
                            source: "warmup", model: path, sample: index,
                            temperature: settings.sampling.temperature,
                            seed: context.configuration.seed, finish: sample.finish,
                            tokenCount: sample.tokens.count,
                            meanLogProbability: sample.meanLogProbability)
                    }
                })
        }
    }

    /// Judges the teachers' and the student's responses of each prompt together.
    private func judge(
        _ examples: [Example], responses: [Response], context: StageContext
    ) async throws {
        let judge = try context.makeJudge()
        let byTeachers = try TeacherPool(context)
        let byStudent = Dictionary(grouping: responses, by: \.promptID)
        var tally = JudgementTally(observer: context.observer)
        for example in examples {
            try Task.checkCancellation()
            let known = byTeachers.group(of: example.id)
            let drawn = byStudent[example.id] ?? []
            let answers = try known.answers + drawn.map { try context.task.answer(in: $0.text) }
            let group = try await judge.judge(
                example, responses: known.responses + drawn, answers: answers)
            tally.add(group, labelled: group.labelled())
        }
        try JSONLines.write(
            tally.responses, to: "\(context.folder(.sample))/labelled.jsonl")
        try context.metrics.truncate(fromStep: 0)
        let students = tally.responses.filter { $0.response.role == .student }
        context.observer.metrics(
            0, LabelMetrics(labels: tally.labels, responses: students).values)
        tally.tell()
    }
}
