import RefluxCore
import RefluxFiles

/// All that a stage is given. A value: it may be handed to any task.
struct StageContext: Sendable {
    /// The checked run file.
    let configuration: RunConfiguration
    /// Where artefacts go.
    let run: RunFolder
    /// The replaceable parts.
    let registry: ExtensionRegistry
    /// Opens models.
    let models: any LanguageModelProvider
    /// The task of the run file.
    let task: any TaskEvaluator
    /// Where the stage tells what it does. Metrics go to ``metrics``, flushed line by line.
    let observer: RunObserver
    /// The stage's `metrics.jsonl`.
    let metrics: MetricsFile

    /// The folder of a stage; in a variant, earlier stages are those of the main run.
    func folder(_ id: StageID) -> String { run.folder(of: id) }

    /// What factories are given. Models are known by their roles: `base` and, once it exists,
    /// `student`, `teacher`, and the prepared ones.
    func buildContext() -> BuildContext {
        configuration.buildContext(run: run, models: models)
    }

    /// The training examples, as many as `task.train` allows.
    func trainExamples() throws -> [Example] {
        try limited(task.examples(in: .train), to: configuration.taskSettings.train)
    }

    /// The test examples, as many as `task.test` allows.
    func testExamples() throws -> [Example] {
        try limited(task.examples(in: .test), to: configuration.taskSettings.test)
    }

    private func limited(_ examples: [Example], to limit: Int?) -> [Example] {
        limit.map { Array(examples.prefix($0)) } ?? examples
    }
}
