import ArgumentParser
import RefluxCore
import RefluxPipeline

/// The options of every command that carries out stages.
struct RunOptions: ParsableArguments {
    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "Replaces a value of the run file, such as warmup.epochs=3; may be repeated.",
            valueName: "key=value"))
    var set: [String] = []

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "Enables a plugin beside those of the run file; may be repeated.",
            valueName: "path-or-id"))
    var plugin: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where the run gets its folder, which has its name.", valueName: "folder"))
    var runs = "runs"

    @Flag(name: .long, help: "Show errors only.")
    var quiet = false

    @Flag(name: .long, help: "Print the result as JSON.")
    var json = false

    /// The options as the pipeline takes them.
    var pipeline: Pipeline.Options {
        Pipeline.Options(runsFolder: runs, overrides: set, plugins: plugin, isQuiet: quiet)
    }

    /// Opens the run of a run file with the built-in parts.
    func open(_ file: String) throws -> Pipeline {
        try Pipeline.open(
            runFile: file, options: pipeline, registry: builtInRegistry(),
            models: builtInModels())
    }
}

extension Pipeline {
    /// Carries out the whole run and prints the table.
    func runAndPrint(_ options: RunOptions) async throws {
        let result = try await resumable { try await run() }
        try printResult(result, text: result.text, asJSON: options.json)
    }

    /// Carries out the evaluation alone and prints the table.
    func evaluateAndPrint(_ options: RunOptions) async throws {
        let result = try await resumable { try await evaluate() }
        try printResult(result, text: result.text, asJSON: options.json)
    }

    /// Carries out one stage and prints what it left behind.
    func runAndPrint(_ stage: StageID, _ options: RunOptions) async throws {
        let summary = try await resumable { try await run(only: stage) }
        try printResult(summary, text: summary.description, asJSON: options.json)
    }

    private func resumable<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        do {
            return try await interruptible(work)
        } catch is CancellationError {
            throw Interrupted(resumeCommand: resumeCommand)
        }
    }
}
