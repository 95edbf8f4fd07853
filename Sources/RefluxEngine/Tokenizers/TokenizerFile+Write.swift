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
        let file = TokenizerFile(self, endToken: endToken)
        try file.write(to: folder)
        try WrittenTokenizerConfig(
            endToken: endToken, padToken: endToken, contextLength: contextLength
        ).write(to: folder)
    }
}

extension TokenizerFile {
    /// Byte-level BPE with GPT-2's way of splitting, from a vocabulary learnt here.
    init(_ vocabulary: BytePairTrainer.Vocabulary, endToken: String) {
        let entries = vocabulary.tokens.enumerated().map { (token: $1, id: Int32($0)) }
        let endID = entries.first { $0.token == endToken }?.id ?? 0
        let end = AddedToken(id: endID, content: endToken, special: true)
        let merges = vocabulary.merges.map { ($0[0], $0[1]) }
        self.init(
            addedTokens: [end], preTokenizer: .byteLevel(), postProcessor: .byteLevel(),
            decoder: .byteLevel(),
            model: Model(
                type: "BPE", vocab: TokenizerVocabulary(entries), merges: Merges(merges),
                fuseUnknown: false,
                byteFallback: false, ignoreMerges: false))
    }

    func encode(to encoder: any Encoder) throws {
        var table = encoder.container(keyedBy: WrittenKeys.self)
        try table.encode("1.0", forKey: .version)
        try table.encodeNil(forKey: .truncation)
        try table.encodeNil(forKey: .padding)
        try table.encode(addedTokens, forKey: .addedTokens)
        // The library wants every component to be there, if only as null.
        try table.encode(normalizer, forKey: .normalizer)
        try table.encode(preTokenizer, forKey: .preTokenizer)
        try table.encode(postProcessor, forKey: .postProcessor)
        try table.encode(decoder, forKey: .decoder)
        try table.encode(model, forKey: .model)
    }

    private enum WrittenKeys: String, CodingKey {
        case version, truncation, padding, normalizer, decoder, model
        case addedTokens = "added_tokens"
        case preTokenizer = "pre_tokenizer"
        case postProcessor = "post_processor"
    }
}

extension TokenizerFile.Component {
    /// `ByteLevel`, as a pre-tokenizer, post-processor or decoder.
    static func byteLevel(splits: Bool = true) -> Self {
        Self(type: "ByteLevel", addPrefixSpace: false, useRegex: splits, trimOffsets: true)
    }
}

/// `tokenizer_config.json` as it is written.
struct WrittenTokenizerConfig: Encodable {
    let tokenizerClass = "PreTrainedTokenizerFast"
    let cleansUpSpaces = false
    var beginToken: String?
    let endToken: String?
    let padToken: String?
    let contextLength: Int
    var chatTemplate: String?

    enum CodingKeys: String, CodingKey {
        case tokenizerClass = "tokenizer_class"
        case cleansUpSpaces = "clean_up_tokenization_spaces"
        case beginToken = "bos_token"
        case endToken = "eos_token"
        case padToken = "pad_token"
        case contextLength = "model_max_length"
        case chatTemplate = "chat_template"
    }

    /// Writes the file into a folder.
    func write(to folder: String) throws {
        let text = try JSONText.encode(self, pretty: true) + "\n"
        try Files.writeAtomically(Data(text.utf8), to: "\(folder)/tokenizer_config.json")
    }
}

extension TokenizerFile {
    /// Writes `tokenizer.json` into a folder.
    func write(to folder: String) throws {
        let text = model.vocab.filled(into: try JSONText.encode(self, pretty: true)) + "\n"
        try Files.writeAtomically(Data(text.utf8), to: "\(folder)/tokenizer.json")
    }
}
