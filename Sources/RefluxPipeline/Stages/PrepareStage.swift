import RefluxCore
import RefluxEngine
import RefluxFiles

/// Stage 0: trains an imperfect teacher on worked solutions of problems that no later stage uses, and
/// makes an untrained student with the same tokenizer. Leaves `teacher` and `student`.
///
/// This is the one stage that knows the native engine, because only it makes models from nothing.
struct PrepareStage: Stage {
    let id = StageID.prepare

    func inputs(_ context: StageContext) throws -> StageInputs {
        context.inputs(of: "task", "prepare")
    }

    func run(_ context: StageContext) async throws {
        guard let settings = context.configuration.prepare else {
            throw RefluxError(.usage, found: "the run file has no section \"prepare\"")
        }
        let problems = try PreparationProblems(context, settings: settings)
        let folder = context.folder(.prepare)
        context.observer.note(
            "the teacher learns the worked solutions of \(problems.training.count) problems "
                + "that are not among the run's prompts")
        try await makeModels(settings, problems: problems, context: context)
        if !Files.isFolder("\(folder)/teacher") {
            try await trainTeacher(settings.train, problems: problems, context: context)
        }
        try Files.remove("\(folder)/checkpoints")
        try Files.remove("\(folder)/untrained-teacher")
    }

    /// Random weights for both models, with one tokenizer.
    private func makeModels(
        _ settings: PrepareSettings, problems: PreparationProblems, context: StageContext
    ) async throws {
        let teacher = "\(context.folder(.prepare))/untrained-teacher"
        let student = "\(context.folder(.prepare))/student"
        let seed = context.configuration.seed
        if !Files.isFolder(teacher), !Files.isFolder("\(context.folder(.prepare))/teacher") {
            try await ModelFolderFactory.create(
                at: teacher,
                blueprint: settings.teacher.blueprint(vocabularySize: settings.vocabulary),
                corpus: problems.corpus, seed: seed)
        }
        if !Files.isFolder(student) {
            try await ModelFolderFactory.create(
                at: student,
                blueprint: settings.student.blueprint(vocabularySize: settings.vocabulary),
                tokenizerFrom: teacher, seed: seed &+ 1)
        }
    }

    private func trainTeacher(
        _ settings: PrepareTraining, problems: PreparationProblems, context: StageContext
    ) async throws {
        let folder = context.folder(.prepare)
        let engine = try await context.models.open(
            "\(folder)/untrained-teacher",
            options: ModelOptions(
                precision: context.configuration.student.precision, trainable: true,
                gradientCheckpointing: context.configuration.student.gradientCheckpointing,
                seed: context.configuration.seed))
        var data = SupervisedData(for: engine)
        for example in problems.training {
            guard let solution = example.solution else { continue }
            try data.add([(solution, true)], to: context.task.prompt(for: example))
        }
        if let omissions = data.omissions { context.observer.note(omissions) }
        let trainer = SupervisedTrainer(
            engine: engine, sequences: data.sequences,
            plan: BatchPlan(
                lengths: data.sequences.map(\.tokens.count), size: .sequences(settings.batch),
                steps: settings.steps, seed: context.configuration.seed, stage: .prepare),
            optimization: settings.optimization, microBatchTokens: settings.microBatchTokens,
            checkpoints: Checkpoints(folder: "\(folder)/checkpoints"),
            checkpointEvery: settings.checkpointEvery, observer: context.observer,
            metrics: context.metrics)
        let steps = try await trainer.train { step in
            try await isGoodEnough(
                engine, after: step, settings: settings, problems: problems, context: context)
        }
        context.observer.note("the teacher was trained for \(steps) steps")
        try await Files.writeFolderAtomically("\(folder)/teacher") { temporary in
            try await engine.exportModel(to: temporary)
        }
    }

    /// Whether the greedy accuracy on problems outside the training reached `stop_at`.
    private func isGoodEnough(
        _ engine: any LanguageModelEngine, after step: Int, settings: PrepareTraining,
        problems: PreparationProblems, context: StageContext
    ) async throws -> Bool {
        guard let goal = settings.stopAt, step % settings.checkEvery == 0 else { return false }
        let drawn = try await engine.responses(
            to: try problems.check.map(context.task.prompt),
            settings: .greedy(maxTokens: settings.maxTokens)
        ) { RandomKey(seed: context.configuration.seed, stage: .prepare, prompt: $0.index) }
        let marks = try zip(problems.check, drawn).map { example, samples in
            try samples.allSatisfy { try context.task.isCorrect($0.text, for: example) == true }
        }
        let accuracy = fraction(marks) { $0 } ?? 0
        context.observer.metrics(step - 1, ["check_accuracy": accuracy])
        context.observer.note(
            "step \(step): greedy accuracy \(accuracy) on \(marks.count) problems")
        return accuracy >= goal
    }
}

/// The problems of `prepare`: those of the training split behind the run's own prompts.
struct PreparationProblems: Sendable {
    /// What the teacher learns.
    let training: [Example]
    /// What its accuracy is checked on.
    let check: [Example]
    /// What the tokenizer learns from.
    let corpus: [String]

    /// Takes the problems.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` when there are not enough of them.
    init(_ context: StageContext, settings: PrepareSettings) throws {
        let all = try context.task.examples(in: .train)
        let prompts = try context.trainExamples().count
        let free = all.dropFirst(prompts).filter { $0.solution != nil }
        let checkCount = settings.train.stopAt == nil ? 0 : settings.train.checkProblems
        guard free.count >= settings.train.problems + checkCount else {
            throw RefluxError(
                .usage,
                found: "\(free.count) problems with solutions behind the run's \(prompts) prompts",
                at: SourceLocation(
                    path: context.configuration.source.location.path, key: "prepare.train.problems"),
                wanted: "\(settings.train.problems) to train on and \(checkCount) to check",
                remedy: "Lower prepare.train.problems or task.train, or make the task larger.")
        }
        training = Array(free.prefix(settings.train.problems))
        check = Array(free.dropFirst(settings.train.problems).prefix(checkCount))
        corpus = try training.prefix(settings.corpus).map { example in
            try context.task.prompt(for: example).displayText + (example.solution ?? "")
        }
    }
}

extension PrepareSettings.Shape {
    /// What the engine needs to make the model.
    func blueprint(vocabularySize: Int) -> ModelBlueprint {
        ModelBlueprint(
            layers: layers, width: width, heads: heads, keyValueHeads: keyValueHeads,
            feedForward: feedForward, contextLength: context, vocabularySize: vocabularySize)
    }
}
