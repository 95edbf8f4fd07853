import RefluxCore

/// One run, or one variant of it, that is being carried out: configuration, folder and means.
struct RunSession: Sendable {
    /// The checked run file.
    let configuration: RunConfiguration
    /// Where artefacts go.
    let run: RunFolder
    /// The variant's name; `nil` for the run itself.
    var variant: String?
    /// The means of the process.
    let means: RunMeans

    /// What a stage is given.
    func context(for stage: StageID) -> StageContext {
        let metrics = MetricsFile(path: "\(run.folder(of: stage))/metrics.jsonl")
        let console = means.console
        let label = variant.map { "\($0): \(stage.rawValue)" } ?? stage.rawValue
        return StageContext(
            configuration: configuration, run: run, registry: configuration.registry,
            models: means.models, task: configuration.task,
            observer: RunObserver(
                progress: { console.progress(label, done: $0, total: $1, unit: $2) },
                metrics: { metrics.record(step: $0, values: $1) },
                note: { console.note("\(label): \($0)") }),
            metrics: metrics)
    }
}

/// What all runs of a process share.
struct RunMeans: Sendable {
    /// Opens models.
    let models: any LanguageModelProvider
    /// Where progress is shown.
    let console: Console
    /// Hashes inputs.
    let fingerprints: Fingerprints
    /// The stages.
    let stages: [any Stage]
}
