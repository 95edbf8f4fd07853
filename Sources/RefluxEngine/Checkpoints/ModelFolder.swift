import Foundation
import RefluxCore
import RefluxFiles

/// A Hugging Face model folder: `config.json`, `generation_config.json`, the tokenizer's files and
/// safetensors weights.
///
/// Opening reads everything but the weights; ``loadParameters(_:into:)`` reads those.
struct ModelFolder: Sendable {
    /// The folder, as the user named it.
    let path: String
    let configuration: ModelConfiguration
    let tokenizer: any Tokenizer
    let generation: GenerationDefaults

    /// Opens a folder.
    ///
    /// - Throws: `RefluxError` of kind `input` that names the file, the key and what was wanted.
    static func open(_ path: String) throws -> ModelFolder {
        guard Files.isFolder(path) else {
            throw RefluxError(
                .input, found: "there is no such folder", at: SourceLocation(path: path),
                wanted: "a model folder with config.json, tokenizer.json and model.safetensors",
                remedy: "Check the path of the model.")
        }
        let (file, configuration) = try ConfigFile.read("\(path)/config.json")
        let generation = try readGeneration(path)
        let tokenizer = try FolderTokenizer.open(
            path, endTokens: generation.endTokens + (file.endTokens?.ids ?? []))
        guard tokenizer.vocabularySize <= configuration.vocabularySize else {
            throw RefluxError(
                .input, found: "the tokenizer has \(tokenizer.vocabularySize) ids",
                at: SourceLocation(path: "\(path)/tokenizer.json"),
                wanted: "at most vocab_size of config.json, which is "
                    + "\(configuration.vocabularySize)",
                remedy: "The tokenizer belongs to another model; copy the right one.")
        }
        return ModelFolder(
            path: path, configuration: configuration, tokenizer: tokenizer, generation: generation)
    }

    private static func readGeneration(_ path: String) throws -> GenerationDefaults {
        let file = "\(path)/generation_config.json"
        guard Files.exists(file) else { return GenerationDefaults() }
        return try JSONText.decode(GenerationDefaults.self, from: Files.read(file), path: file)
    }
}
