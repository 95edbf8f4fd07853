import ArgumentParser
import RefluxEngine
import RefluxPipeline

/// `reflux model show PATH`.
struct ModelShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what a model is: family, sizes, types of weights, tokenizer, template.")

    @Argument(help: "A model folder, a GGUF file or an adapter's folder.") var path: String
    @Flag(name: .long, help: "Print JSON.") var json = false

    func run() throws {
        let summary = try ModelSummary.read(path)
        try printResult(summary, text: summary.text, asJSON: json)
    }
}
