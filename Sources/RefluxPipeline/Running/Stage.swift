import RefluxCore

/// One stage of a run: what determines its outcome, and how it is carried out.
///
/// **Who calls it.** ``StageRunner``, which skips a stage whose record is there with the same
/// fingerprint, and writes that record when ``run(_:)`` returns.
///
/// **Resuming.** ``run(_:)`` looks for its own partial artefacts in its folder and goes on from
/// them; the result is bit for bit that of an uninterrupted run. Artefacts appear under their final
/// names only when they are whole.
///
/// **Cancellation.** Check for it between items; what was finished stays.
protocol Stage: Sendable {
    /// Which stage it is.
    var id: StageID { get }

    /// What determines the outcome.
    func inputs(_ context: StageContext) throws -> StageInputs

    /// Carries the stage out, or the rest of it.
    func run(_ context: StageContext) async throws
}

/// What determines the outcome of a stage: the runner hashes all of it into a fingerprint.
struct StageInputs: Sendable {
    /// The resolved configuration values that the stage reads.
    var settings: ConfigurationValue
    /// Files and model folders that it reads, as absolute paths; files inside folders are hashed one
    /// by one. Artefacts of earlier stages are not listed here but in ``stages``.
    var files: [String]
    /// Those of the files that are model folders: they are looked at before the run begins.
    var models: [String]
    /// Earlier stages whose artefacts it reads; their fingerprints enter its own.
    var stages: [StageID]

    /// Makes inputs.
    init(
        settings: ConfigurationValue, files: [String] = [], models: [String] = [],
        stages: [StageID] = []
    ) {
        self.settings = settings
        self.files = files + models
        self.models = models
        self.stages = stages
    }
}
