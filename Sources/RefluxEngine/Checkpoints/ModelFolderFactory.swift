import Foundation
import RefluxCore
import RefluxFiles

/// Makes fresh model folders with random weights: for experiments from nothing, and for tests.
///
/// The folder is a Hugging Face folder that `transformers` loads (`AutoModelForCausalLM`,
/// `AutoTokenizer`). A folder of that name is replaced once the new one is whole.
public enum ModelFolderFactory {
    /// The token that ends a text; its id is 0.
    public static let endToken = "<|endoftext|>"

    /// Makes a model with a tokenizer learnt from a corpus.
    ///
    /// The tokenizer is byte-level BPE with GPT-2's way of splitting: a number with the space
    /// before it can become one token.
    ///
    /// - Parameters:
    ///   - folder: where; its parent folders are made.
    ///   - blueprint: the model's shape.
    ///   - corpus: the texts the tokenizer learns from.
    ///   - seed: the seed of the weights.
    /// - Throws: ``RefluxError`` of kind `usage` (the shape) or `system` (the disk).
    public static func create(
        at folder: String, blueprint: ModelBlueprint, corpus: [String], seed: UInt64
    ) async throws {
        let vocabulary = try BytePairTrainer.train(
            corpus, size: blueprint.vocabularySize, specialTokens: [endToken],
            preTokenizer: .gpt2())
        let configuration = try blueprint.configuration(vocabularySize: vocabulary.tokens.count)
        try await Files.writeFolderAtomically(folder) { temporary in
            try vocabulary.write(
                to: temporary, endToken: endToken, contextLength: blueprint.contextLength)
            let special = SpecialIDs(begin: nil, end: TokenIDs([0]), padding: TokenIDs([0]))
            let text = try JSONText.encode(special, pretty: true) + "\n"
            try Files.writeAtomically(
                Data(text.utf8), to: "\(temporary)/generation_config.json")
            try write(configuration, special, seed: seed, to: temporary)
        }
    }

    /// Makes a model with the tokenizer of another model folder, so that both read the same ids.
    ///
    /// - Parameters:
    ///   - folder: where; its parent folders are made.
    ///   - blueprint: the model's shape; its `vocabularySize` is not looked at.
    ///   - source: the folder whose tokenizer is taken over.
    ///   - seed: the seed of the weights.
    /// - Throws: ``RefluxError`` of kind `usage` (the shape), `input` (the source) or `system` (the
    ///   disk).
    public static func create(
        at folder: String, blueprint: ModelBlueprint, tokenizerFrom source: String, seed: UInt64
    ) async throws {
        let model = try ModelFolder.open(source)
        let configuration = try blueprint.configuration(
            vocabularySize: model.configuration.vocabularySize)
        try await Files.writeFolderAtomically(folder) { temporary in
            let special = try model.copyTokenizer(to: temporary)
            try write(configuration, special, seed: seed, to: temporary)
        }
    }

    private static func write(
        _ configuration: ModelConfiguration, _ special: SpecialIDs, seed: UInt64, to folder: String
    ) throws {
        let layout = ParameterLayout(configuration)
        let parameters = InitialWeights(configuration, seed: seed).values(layout)
        try parameters.withUnsafeBufferPointer {
            try ModelFolder.writeWeights(
                to: folder, layout: layout, parameters: $0, dtype: .float32)
        }
        try ModelFolder.writeConfig(to: folder, configuration, special, dtype: .float32)
    }
}
