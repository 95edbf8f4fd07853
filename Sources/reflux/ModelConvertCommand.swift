public import ArgumentParser
public import RefluxEngine
import RefluxPipeline

extension ModelConversion.ElementType: ExpressibleByArgument {}

/// `reflux model convert IN OUT`.
struct ModelConvertCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a model as a Hugging Face folder that transformers and vLLM load.",
        discussion: "An adapter is merged into the weights of the model under it.")

    @Argument(help: "A model folder, a GGUF file or an adapter's folder.") var source: String
    @Argument(help: "The new folder.") var folder: String
    @Option(name: .long, help: "How weights are stored.")
    var dtype: ModelConversion.ElementType = .bfloat16

    func run() async throws {
        for note in try await ModelConversion(dtype: dtype).convert(source, to: folder) {
            Console.standardError("note: \(note)\n")
        }
        print(folder)
    }
}
