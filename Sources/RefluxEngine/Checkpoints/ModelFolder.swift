import Foundation
import RefluxCore
import RefluxFiles

/// A model on disk: a Hugging Face folder (`config.json`, `generation_config.json`, the tokenizer's
/// files and safetensors weights), a GGUF file, which holds all of these, or an adapter's folder, which
/// names one of these.
///
/// Opening reads everything but the weights; ``loadParameters(_:into:)`` reads those.
struct ModelFolder: Sendable {
    /// The folder or file, as the user named it; that of the model under an adapter.
    let path: String
    /// The adapter that was named, and is to be added to the weights.
    var adapter: AdapterFolder?
    let configuration: ModelConfiguration
    let tokenizer: FolderTokenizer
    let generation: GenerationDefaults

    /// Opens a folder or a GGUF file.
    ///
    /// - Throws: `RefluxError` of kind `input` that names the file, the key and what was wanted.
    static func open(_ path: String) throws -> ModelFolder {
        if GGUFFile.isFile(path) { return try open(GGUFFile(path)) }
        if AdapterFolder.isAdapter(path) { return try open(AdapterFolder(path)) }
        guard Files.isFolder(path) else {
            throw RefluxError(
                .input, found: "there is no such folder", at: SourceLocation(path: path),
                wanted: "a model folder with config.json, tokenizer.json and model.safetensors, or "
                    + "a GGUF file",
                remedy: "Check the path of the model.")
        }
        let (file, configuration) = try ConfigFile.read("\(path)/config.json")
        let generation = try readGeneration(path)
        let tokenizer = try FolderTokenizer.open(
            path, endTokens: generation.endTokens + (file.endTokens?.ids ?? []))
        try check(
            tokenizer, configuration, at: "\(path)/tokenizer.json", "vocab_size of config.json")
        return ModelFolder(
            path: path, configuration: configuration, tokenizer: tokenizer, generation: generation)
    }

    private static func open(_ adapter: AdapterFolder) throws -> ModelFolder {
        let base = try open(adapter.base)
        var tokenizer = base.tokenizer
        if adapter.hasTokenizer {
            tokenizer = try FolderTokenizer.open(
                adapter.path, endTokens: tokenizer.endTokens.sorted())
            try check(
                tokenizer, base.configuration, at: "\(adapter.path)/tokenizer.json",
                "vocab_size of the model under the adapter")
        }
        return ModelFolder(
            path: base.path, adapter: adapter, configuration: base.configuration,
            tokenizer: tokenizer, generation: base.generation)
    }

    private static func open(_ file: GGUFFile) throws -> ModelFolder {
        let factors = GGUFNames.frequencyFactors
        let configuration = try GGUFConfiguration(file.header, path: file.path).configuration(
            factors: file.header.tensors[factors] == nil ? nil : try file.read(factors))
        let source = try GGUFTokenizer(file)
        let generation = source.generation
        let tokenizer = try FolderTokenizer(
            source.file, path: file.path, texts: source.texts, endTokens: generation.endTokens,
            folder: file.path)
        try check(tokenizer, configuration, at: file.path, "the rows of \(GGUFNames.embedding)")
        return ModelFolder(
            path: file.path, configuration: configuration, tokenizer: tokenizer,
            generation: generation)
    }

    private static func check(
        _ tokenizer: FolderTokenizer, _ configuration: ModelConfiguration, at path: String,
        _ limit: String
    ) throws {
        guard tokenizer.vocabularySize <= configuration.vocabularySize else {
            throw RefluxError(
                .input, found: "the tokenizer has \(tokenizer.vocabularySize) ids",
                at: SourceLocation(path: path),
                wanted: "at most \(limit), which is \(configuration.vocabularySize)",
                remedy: "The tokenizer belongs to another model; copy the right one.")
        }
    }

    private static func readGeneration(_ path: String) throws -> GenerationDefaults {
        let file = "\(path)/generation_config.json"
        guard Files.exists(file) else { return GenerationDefaults() }
        return try JSONText.decode(GenerationDefaults.self, from: Files.read(file), path: file)
    }
}
