import Foundation
import RefluxCore
import RefluxFiles

/// The tokenizer of a GGUF file, as the `tokenizers` library would define it.
struct GGUFTokenizer {
    /// The tokenizer.
    let file: TokenizerFile
    /// Special tokens by their texts, and the chat template.
    let texts: TokenizerConfig.Texts
    /// The ids that end a text.
    let generation: GenerationDefaults
    private let special: SpecialIDs
    private let padToken: String?
    private let contextLength: Int

    /// Reads the tokenizer of a file.
    ///
    /// - Throws: `RefluxError` of kind `input` that names the key.
    init(_ header: GGUFHeader, path: String) throws {
        let metadata = GGUFMetadata(header, path: path)
        let tokens = try GGUFTokens(metadata)
        let begin = try tokens.id("bos_token_id")
        let end = try tokens.id("eos_token_id")
        let padding = try tokens.id("padding_token_id")
        let ends = try [end, tokens.id("eot_token_id"), tokens.id("eom_token_id")]
            .compactMap { $0 }
        switch try metadata.text("tokenizer.ggml.model") {
        case "gpt2": file = try tokens.byteLevelFile(begin: begin)
        case "llama": file = try tokens.characterFile(begin: begin)
        case let kind:
            throw metadata.wrong(
                "tokenizer.ggml.model", kind.map { "a tokenizer of type \"\($0)\"" } ?? "nothing",
                "gpt2 (byte-level BPE) or llama (SentencePiece's BPE)",
                "Choose a model with one of these tokenizers.")
        }
        var generation = GenerationDefaults()
        generation.endTokens = ends
        self.generation = generation
        let template = try metadata.text("tokenizer.chat_template")
        texts = TokenizerConfig.Texts(
            begin: begin.map { tokens.texts[Int($0)] }, end: end.map { tokens.texts[Int($0)] },
            template: template.map { ($0, path) })
        special = SpecialIDs(
            begin: begin.map { TokenIDs([$0]) }, end: ends.isEmpty ? nil : TokenIDs(ends),
            padding: padding.map { TokenIDs([$0]) })
        padToken = padding.map { tokens.texts[Int($0)] }
        let architecture = try metadata.text("general.architecture") ?? ""
        contextLength = try metadata.integer("\(architecture).context_length") ?? 0
    }

    /// Reads the tokenizer of an open file.
    ///
    /// - Throws: as ``init(_:path:)``.
    init(_ source: GGUFFile) throws { try self.init(source.header, path: source.path) }

    /// Writes `tokenizer.json`, `tokenizer_config.json` and `generation_config.json`.
    ///
    /// - Returns: the special ids for `config.json`.
    /// - Throws: `RefluxError` of kind `system` when the disk is full or the folder not writable.
    func write(to folder: String) throws -> SpecialIDs {
        try file.write(to: folder)
        try WrittenTokenizerConfig(
            beginToken: texts.begin, endToken: texts.end, padToken: padToken,
            contextLength: contextLength, chatTemplate: texts.template?.text
        ).write(to: folder)
        let text = try JSONText.encode(special, pretty: true) + "\n"
        try Files.writeAtomically(Data(text.utf8), to: "\(folder)/generation_config.json")
        return special
    }
}
