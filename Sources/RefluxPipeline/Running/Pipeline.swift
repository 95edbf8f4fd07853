import Foundation
package import RefluxCore
import RefluxFiles
package import RefluxPluginHost

/// A run that is opened: checked, its folder locked, ready to be carried out. What the command line
/// calls.
///
/// **Threads.** One task at a time. **Cost.** Opening hashes the inputs and looks at the given
/// models' folders; it reads no weights.
package struct Pipeline: Sendable {
    /// Which run file, and how.
    package struct Options: Sendable {
        /// The folder of run folders.
        package var runsFolder: String
        /// Values that replace those of the run file, as `key=value`.
        package var overrides: [String]
        /// Plugins to enable beside those of the run file, as paths or ids.
        package var plugins: [String]
        /// Whether nothing but errors is shown.
        package var isQuiet: Bool

        /// Makes options.
        package init(
            runsFolder: String = "runs", overrides: [String] = [], plugins: [String] = [],
            isQuiet: Bool = false
        ) {
            self.runsFolder = runsFolder
            self.overrides = overrides
            self.plugins = plugins
            self.isQuiet = isQuiet
        }

        /// Where a run says things.
        fileprivate var console: Console { Console(style: isQuiet ? .quiet : nil) }
    }

    let session: RunSession
    private let options: Options
    private let lock: RunLock

    /// The absolute path of the run folder.
    package var folder: String { session.run.path }

    /// Opens the run of a run file.
    ///
    /// - Parameters:
    ///   - runFile: the run file.
    ///   - options: how.
    ///   - registry: the built-in parts.
    ///   - plugins: how plugins are found and run.
    ///   - models: opens models.
    /// - Returns: the run, ready to be carried out.
    /// - Throws: ``RefluxError``: of kind `usage` when the file is wrong, of kind `input` when the
    ///   dataset or a model is wrong (nothing was written then), of kind `system` when
    ///   another process works in the run folder or the folder cannot be written.
    package static func open(
        runFile: String, options: Options, registry: ExtensionRegistry,
        plugins: PluginMeans = PluginMeans(), models: any LanguageModelProvider
    ) throws -> Pipeline {
        let runs = absolutePath(options.runsFolder)
        let console = options.console
        let configuration = try RunConfiguration.read(
            fileAt: runFile, overrides: options.overrides.map(ConfigurationOverride.init(parsing:)),
            addedPlugins: options.plugins, runsFolder: runs,
            baseFolder: FileManager.default.currentDirectoryPath, registry: registry,
            plugins: plugins.telling(console), models: models)
        return try Pipeline(
            configuration: configuration, runFile: runFile, runsFolder: runs, options: options,
            console: console, models: models)
    }

    /// Opens the run that a run folder holds, with the settings it was begun with.
    ///
    /// - Throws: ``RefluxError`` of kind `input` when the folder is no run folder, and as above.
    package static func reopen(
        runFolder: String, options: Options, registry: ExtensionRegistry,
        plugins: PluginMeans = PluginMeans(), models: any LanguageModelProvider
    ) throws -> Pipeline {
        let console = options.console
        let run = try ReopenedRun(
            runFolder, adding: options.overrides, plugins: options.plugins, registry: registry,
            means: plugins.telling(console), models: models)
        var options = options
        options.overrides = run.overrides
        options.plugins = run.addedPlugins
        return try Pipeline(
            configuration: run.configuration, runFile: "\(run.folder)/run.yaml",
            runsFolder: run.runsFolder, options: options, console: console, models: models)
    }

    private init(
        configuration: RunConfiguration, runFile: String, runsFolder: String, options: Options,
        console: Console, models: any LanguageModelProvider
    ) throws {
        let text = try Files.readText(runFile)
        let pins = try Self.pins(beside: runFile)
        let run = RunFolder(path: "\(runsFolder)/\(configuration.name)")
        let session = RunSession(
            configuration: configuration, run: run,
            means: RunMeans(
                models: models, console: console, fingerprints: Fingerprints(),
                stages: allStages))
        // Nothing is left behind by a run that cannot begin, and nothing of an older one is touched.
        let isNew = !Files.exists(run.path)
        if isNew { try session.checkInputs() }
        try Files.makeFolder(run.path)
        lock = try RunLock(folder: run.path)
        if !isNew { try session.checkInputs() }
        try session.tellWarnings()
        self.session = session
        self.options = options
        try noteChanges()
        try write(text, to: "run.yaml")
        if let pins {
            try write(pins, to: PluginLock.fileName)
        } else {
            try Files.remove("\(folder)/\(PluginLock.fileName)")
        }
        try write(YAMLWriter.text(of: configuration.resolved), to: "resolved.yaml")
    }

    /// Carries out all stages and variants, as far as they are not whole already, and writes the
    /// table and the report.
    ///
    /// - Throws: ``RefluxError``; `CancellationError` when the task was cancelled. The run can be
    ///   resumed after either.
    package func run() async throws -> EvaluationResult {
        let runner = try StageRunner(session)
        try writeRecord(runner, variants: [])
        try await runner.runAll()
        var variants: [StageRunner] = []
        for variant in session.configuration.variants {
            let runner = try variantRunner(variant, main: runner)
            variants.append(runner)
            try await runner.runAll()
        }
        return try conclude(runner, variants: variants)
    }

    /// Carries out one stage.
    ///
    /// - Returns: what the stage left behind: sizes in bytes by name.
    /// - Throws: as ``run()``, and ``RefluxError`` of kind `usage` naming an earlier stage that has
    ///   to be run first.
    package func run(only stage: StageID) async throws -> StageSummary {
        let runner = try StageRunner(session)
        try writeRecord(runner, variants: [])
        try await runner.run(only: stage)
        try writeRecord(runner, variants: [])
        guard let record = try runner.wholeRecord(of: stage) else {
            throw RefluxError(
                .internalFault, found: "the stage \(stage.rawValue) left no record",
                at: SourceLocation(path: session.run.folder(of: stage)))
        }
        return StageSummary(record, folder: session.run.folder(of: stage))
    }

    /// Carries out the stage `evaluate` alone, and writes the table and the report without variants.
    ///
    /// - Throws: as ``run(only:)``.
    package func evaluate() async throws -> EvaluationResult {
        let runner = try StageRunner(session)
        try await runner.run(only: .evaluate)
        return try conclude(runner, variants: [])
    }

    private func conclude(
        _ runner: StageRunner, variants: [StageRunner]
    ) throws -> EvaluationResult {
        let rows =
            try Report.rows(of: session)
            + variants.flatMap { try Report.variantRows(of: $0.session) }
        let result = EvaluationResult(rows: rows)
        try writeRecord(runner, variants: variants)
        try write(JSONText.encode(result, pretty: true) + "\n", to: "result.json")
        try write(Report.markdown(of: runner, variants: variants, rows: rows), to: "report.md")
        session.means.console.note("report: \(folder)/report.md")
        return result
    }

    /// How to go on after an interruption.
    package var resumeCommand: String { "reflux resume \(folder)" }

    private func noteChanges() throws {
        let path = "\(folder)/resolved.yaml"
        guard Files.exists(path) else { return }
        let old = try Files.readText(path)
        guard old != YAMLWriter.text(of: session.configuration.resolved) else { return }
        session.means.console.note(
            "the settings differ from those of the existing run folder \(folder): "
                + "stages whose inputs changed run again")
    }

    private func writeRecord(_ runner: StageRunner, variants: [StageRunner]) throws {
        let fingerprints = session.means.fingerprints
        let files = try runner.stages.flatMap { stage in
            try stage.inputs(session.context(for: stage.id)).files
        }
        var inputs = try fingerprints.hashes(of: files)
        for split in [Split.train, .test] {
            inputs["task \(split.rawValue)"] = try fingerprints.hash(
                of: split, in: session.context(for: .teach))
        }
        let record = RunRecord(
            refluxVersion: refluxVersion, swiftVersion: swiftVersion,
            seed: session.configuration.seed, baseFolder: session.configuration.baseFolder,
            overrides: options.overrides, addedPlugins: options.plugins, inputs: inputs,
            hardware: hardwareFacts(), stages: try runner.wholeRecords(),
            variants: try Dictionary(
                uniqueKeysWithValues: variants.map { runner in
                    (runner.session.variant ?? "", try runner.wholeRecords())
                }),
            plugins: session.configuration.plugins.used.map(PluginRecord.init))
        try record.write(in: folder)
    }

    private func write(_ text: String, to name: String) throws {
        try Files.writeAtomically(Data(text.utf8), to: "\(folder)/\(name)")
    }

    /// The lock file of a run file, which goes to the run folder with it.
    private static func pins(beside runFile: String) throws -> String? {
        let path = PluginLock.path(beside: runFile)
        return Files.exists(path) ? try Files.readText(path) : nil
    }
}
