import ArgumentParser
import RefluxPipeline

/// `reflux resume RUN_FOLDER`.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Go on with a run, with the settings it was begun with.")

    @Argument(help: "The run folder, such as runs/NAME.") var folder: String
    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "Replaces a value of the run file, such as warmup.epochs=3; may be repeated.",
            valueName: "key=value"))
    var set: [String] = []
    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "Enables a plugin beside those of the run; may be repeated.",
            valueName: "path-or-id"))
    var plugin: [String] = []
    @Flag(name: .long, help: "Show errors only.") var quiet = false
    @Flag(name: .long, help: "Print the result as JSON.") var json = false

    func run() async throws {
        var options = RunOptions()
        options.set = set
        options.plugin = plugin
        options.quiet = quiet
        options.json = json
        options.runs = "runs"
        let pipeline = try Pipeline.reopen(
            runFolder: folder, options: options.pipeline, registry: builtInRegistry(),
            models: builtInModels())
        try await pipeline.runAndPrint(options)
    }
}
