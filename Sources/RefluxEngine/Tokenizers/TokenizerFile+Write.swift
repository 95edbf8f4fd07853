import Foundation
import RefluxCore
import RefluxFiles

extension BytePairTrainer.Vocabulary {
    /// Writes `tokenizer.json` and `tokenizer_config.json` for GPT-2's way of splitting.
    ///
    /// - Parameters:
    ///   - folder: an existing folder.
    ///   - endToken: one of the vocabulary's special tokens; ends a text and pads.
    ///   - contextLength: the most tokens the model takes.
    /// - Throws: `RefluxError` of kind `system` when the disk is full or the folder not writable.
    func write(to folder: String, endToken: String, contextLength: Int) throws {
        let file = WrittenTokenizer(self, endToken: endToken)
        try Self.write(file, to: "\(folder)/tokenizer.json")
        try Self.write(
            WrittenTokenizerConfig(
                endToken: endToken, padToken: endToken, contextLength: contextLength),
            to: "\(folder)/tokenizer_config.json")
    }

    private static func write(_ value: some Encodable, to path: String) throws {
        let text = try JSONText.encode(value, pretty: true) + "\n"
        try Files.writeAtomically(Data(text.utf8), to: path)
    }
}

private struct WrittenTokenizer: Encodable {
    struct ByteLevel: Encodable {
        let type = "ByteLevel"
        let addPrefixSpace = false
        let trimOffsets = true
        let useRegex = true

        enum CodingKeys: String, CodingKey {
            case type
            case addPrefixSpace = "add_prefix_space"
            case trimOffsets = "trim_offsets"
            case useRegex = "use_regex"
        }
    }

    struct Model: Encodable {
        let type = "BPE"
        let fuseUnknown = false
        let byteFallback = false
        let ignoreMerges = false
        let vocabulary: [String: Int]
        let merges: [[String]]

        enum CodingKeys: String, CodingKey {
            case type, merges
            case fuseUnknown = "fuse_unk"
            case byteFallback = "byte_fallback"
            case ignoreMerges = "ignore_merges"
            case vocabulary = "vocab"
        }
    }

    let version = "1.0"
    let addedTokens: [TokenizerFile.AddedToken]
    let byteLevel = ByteLevel()
    let model: Model

    enum CodingKeys: String, CodingKey {
        case version, truncation, padding, normalizer, decoder, model
        case addedTokens = "added_tokens"
        case preTokenizer = "pre_tokenizer"
        case postProcessor = "post_processor"
    }

    init(_ vocabulary: BytePairTrainer.Vocabulary, endToken: String) {
        let ids = Dictionary(
            vocabulary.tokens.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first }
        )
        addedTokens = [
            TokenizerFile.AddedToken(
                id: Int32(ids[endToken] ?? 0), content: endToken, special: true)
        ]
        model = Model(vocabulary: ids, merges: vocabulary.merges)
    }

    func encode(to encoder: any Encoder) throws {
        var table = encoder.container(keyedBy: CodingKeys.self)
        try table.encode(version, forKey: .version)
        for key in [CodingKeys.truncation, .padding, .normalizer] {
            try table.encodeNil(forKey: key)
        }
        try table.encode(addedTokens, forKey: .addedTokens)
        for key in [CodingKeys.preTokenizer, .postProcessor, .decoder] {
            try table.encode(byteLevel, forKey: key)
        }
        try table.encode(model, forKey: .model)
    }
}

private struct WrittenTokenizerConfig: Encodable {
    let tokenizerClass = "PreTrainedTokenizerFast"
    let cleansUpSpaces = false
    let endToken: String
    let padToken: String
    let contextLength: Int

    enum CodingKeys: String, CodingKey {
        case tokenizerClass = "tokenizer_class"
        case cleansUpSpaces = "clean_up_tokenization_spaces"
        case endToken = "eos_token"
        case padToken = "pad_token"
        case contextLength = "model_max_length"
    }
}
