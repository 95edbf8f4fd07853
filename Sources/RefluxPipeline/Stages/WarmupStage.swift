import RefluxCore
import RefluxFiles

/// Stage 3: the student learns the teachers' responses by supervised fine-tuning. Leaves `model`.
struct WarmupStage: Stage {
    let id = StageID.warmup

    func inputs(_ context: StageContext) throws -> StageInputs {
        context.inputs(
            of: "task", "warmup", heldOut: true, adapter: true,
            models: try context.givenModels([context.model("base")]),
            stages: context.preparation + [.label])
    }

    func run(_ context: StageContext) async throws {
        let settings = context.configuration.warmup
        let folder = context.folder(.warmup)
        // The model appears when it is whole: then only the tidying was cut.
        if Files.isFolder("\(folder)/model") { return try Files.remove("\(folder)/checkpoints") }
        let engine = try await context.models.open(
            try context.model("base"),
            options: context.configuration.student.trainable(seed: context.configuration.seed))
        context.observer.note(
            "student: \(engine.info.parameterCount) parameters, \(engine.info.arithmetic)"
                + (engine.info.adapterParameterCount
                    .map { "; an adapter of \($0) is trained" } ?? ""))
        let data = try lessons(settings, engine: engine, context: context)
        let trainer = SupervisedTrainer(
            engine: engine, sequences: data.sequences,
            plan: BatchPlan(
                lengths: data.sequences.map(\.tokens.count), size: settings.batch,
                epochs: settings.epochs, seed: context.configuration.seed, stage: .warmup),
            optimization: settings.optimization, microBatchTokens: settings.microBatchTokens,
            checkpoints: Checkpoints(folder: "\(folder)/checkpoints"),
            checkpointEvery: settings.checkpointEvery, observer: context.observer,
            metrics: context.metrics)
        try await trainer.train()
        try await Files.writeFolderAtomically("\(folder)/model") { temporary in
            try await engine.exportModel(to: temporary)
        }
        try Files.remove("\(folder)/checkpoints")
    }

    /// The responses that the student learns.
    private func lessons(
        _ settings: WarmupSettings, engine: any LanguageModelEngine, context: StageContext
    ) throws -> SupervisedData {
        let path = "\(context.folder(.label))/labelled.jsonl"
        let byPrompt = Dictionary(
            grouping: try JSONLines.read(LabelledResponse.self, from: path),
            by: \.response.promptID)
        var data = SupervisedData(for: engine)
        let aside = try context.heldOutPrompts().ids
        let examples = try context.trainExamples().filter { !aside.contains($0.id) }
        for example in examples.prefix(settings.promptLimit ?? examples.count) {
            let responses = (byPrompt[example.id] ?? [])
                .filter { !settings.acceptedOnly || $0.isAccepted }
                .prefix(settings.maxPerPrompt ?? Int.max)
                .map { (text: $0.response.text, finished: $0.response.finish != .length) }
            try data.add(responses, to: context.task.prompt(for: example))
        }
        if let omissions = data.omissions { context.observer.note(omissions) }
        guard !data.sequences.isEmpty else {
            throw RefluxError(
                .refused, found: "no teacher response is left for the student to learn",
                at: SourceLocation(path: path),
                remedy: "Look at the responses with reflux inspect; lower label.min_share or set "
                    + "warmup.accepted_only: false.")
        }
        return data
    }
}
