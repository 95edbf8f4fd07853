import ArgumentParser
import RefluxHub
import RefluxPipeline

/// `reflux model pull OWNER/NAME`.
struct ModelPullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract:
            "Download a model from huggingface.co, verify it and look whether it can be used.",
        discussion: """
            Takes what a model folder needs: configuration, tokenizer and safetensors weights. An \
            interrupted download goes on when the command is called again; a finished one is \
            verified. docs/models.md says more.
            """)

    @Argument(help: "The repository, such as Qwen/Qwen2.5-0.5B-Instruct.") var repository: String
    @Option(name: .long, help: "A branch, a tag or a commit.") var revision = "main"
    @Option(
        name: .long,
        help: ArgumentHelp("One file alone, such as a GGUF file.", valueName: "name"))
    var file: String?
    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "Files whose names fit a pattern with * and ?; may be repeated.", valueName: "pattern"))
    var include: [String] = []
    @Option(
        name: [.long, .customShort("o")],
        help: ArgumentHelp("Where the files go; else models/NAME.", valueName: "folder"))
    var output: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The server; else the environment variable HF_ENDPOINT, or https://huggingface.co.",
            valueName: "address"))
    var endpoint: String?
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The environment variable that holds the token; else HF_TOKEN, where it is set.",
            valueName: "name"))
    var tokenEnv: String?
    @Flag(name: .long, help: "Show errors only.") var quiet = false
    @Flag(name: .long, help: "Print JSON.") var json = false

    func validate() throws {
        guard file == nil || include.isEmpty else {
            throw ValidationError("--file and --include exclude each other.")
        }
    }

    func run() async throws {
        let selection: FileSelection =
            file.map { .file($0) } ?? (include.isEmpty ? .model : .patterns(include))
        let pull = try ModelPull(
            repository, revision: revision, selection: selection, folder: output,
            endpoint: endpoint, tokenVariable: tokenEnv)
        let console = Console(style: quiet ? .quiet : nil)
        do {
            let outcome = try await interruptible { try await pull.run(console: console) }
            try printResult(outcome, text: outcome.text, asJSON: json)
        } catch is CancellationError {
            throw Interrupted(resumeCommand: "the same command")
        }
    }
}
