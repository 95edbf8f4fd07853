import ArgumentParser
import RefluxPipeline

extension RunPool: ExpressibleByArgument {}

/// The options of commands that read again what a finished run left behind.
struct AuditedRunOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Read the responses of this run folder again; nothing in it is changed.",
            valueName: "folder"))
    var run: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Which of its responses: teacher, student (after the warm-up) or rollouts; teacher by "
                + "default.", valueName: "pool"))
    var pool: RunPool?

    /// The options that were given, by their names.
    var given: [String] {
        [("--run", run != nil), ("--pool", pool != nil)].filter(\.1).map(\.0)
    }

    /// Refuses a pool without a run.
    func validate() throws {
        if run == nil, pool != nil { throw ValidationError("--pool needs --run.") }
    }

    /// Opens the run, where one is named.
    func auditor(
        _ scorer: RunAuditor.Scorer = .rule(nil), options: RunOptions
    ) throws -> RunAuditor? {
        try run.map { folder in
            try RunAuditor(
                folder, pool: pool ?? .teacher, scorer: scorer, overrides: options.set,
                plugins: options.plugin, registry: builtInRegistry(), models: builtInModels(),
                console: options.console)
        }
    }
}
