import Foundation
import RefluxCore
import RefluxFiles

/// `tokenizer.json` as the `tokenizers` library writes it, as far as BPE needs it.
struct TokenizerFile: Codable, Sendable {
    var addedTokens: [AddedToken]
    var normalizer: Component?
    var preTokenizer: Component?
    var postProcessor: Component?
    var decoder: Component?
    var model: Model

    enum CodingKeys: String, CodingKey {
        case addedTokens = "added_tokens"
        case normalizer
        case preTokenizer = "pre_tokenizer"
        case postProcessor = "post_processor"
        case decoder, model
    }

    /// A token that is looked for in the text before anything else.
    struct AddedToken: Codable, Sendable {
        var id: Int32
        var content: String
        var singleWord = false
        var lstrip = false
        var rstrip = false
        var normalized = false
        var special: Bool

        enum CodingKeys: String, CodingKey {
            case id, content
            case singleWord = "single_word"
            case lstrip, rstrip, normalized, special
        }
    }

    /// A normalizer, pre-tokenizer, post-processor or decoder; which fields count depends on `type`.
    struct Component: Codable, Sendable {
        var type: String
        var pretokenizers: [Component]?
        var normalizers: [Component]?
        var processors: [Component]?
        var decoders: [Component]?
        var pattern: Pattern?
        var behavior: String?
        var invert: Bool?
        var addPrefixSpace: Bool?
        var useRegex: Bool?
        var individualDigits: Bool?
        /// Of Metaspace: what stands for a space, where one is set before the text, whether to split.
        var replacement: String?
        var prependScheme: String?
        var split: Bool?
        /// Of Prepend.
        var prepend: String?
        /// Of Replace and Strip; `start` and `stop` say how often Strip takes it off.
        var content: String?
        var start: Int?
        var stop: Int?
        /// Of TemplateProcessing: what is set around one text and around two, and the ids.
        var single: [TemplatePiece]?
        var pair: [TemplatePiece]?
        var specialTokens: [String: TemplateToken]?
        var trimOffsets: Bool?

        enum CodingKeys: String, CodingKey {
            case type, pretokenizers, normalizers, processors, decoders, pattern, behavior, invert
            case addPrefixSpace = "add_prefix_space"
            case useRegex = "use_regex"
            case individualDigits = "individual_digits"
            case prependScheme = "prepend_scheme"
            case replacement, split, prepend, content, start, stop, single, pair
            case specialTokens = "special_tokens"
            case trimOffsets = "trim_offsets"
        }
    }

    /// What a `Split` splits at.
    struct Pattern: Codable, Sendable {
        var regex: String?
        var string: String?

        enum CodingKeys: String, CodingKey {
            case regex = "Regex"
            case string = "String"
        }
    }

    /// A piece of a `TemplateProcessing`: a special token, or the sequence itself.
    struct TemplatePiece: Codable, Sendable {
        struct Name: Codable, Sendable {
            var id: String
            var type: Int?

            enum CodingKeys: String, CodingKey {
                case id
                case type = "type_id"
            }
        }

        var specialToken: Name?
        var sequence: Name?

        enum CodingKeys: String, CodingKey {
            case specialToken = "SpecialToken"
            case sequence = "Sequence"
        }
    }

    /// A special token of a `TemplateProcessing`.
    struct TemplateToken: Codable, Sendable {
        var id: String
        var ids: [Int32]
        var tokens: [String]
    }

    /// The BPE model.
    struct Model: Codable, Sendable {
        var type: String?
        var vocab: TokenizerVocabulary
        var merges: Merges
        var dropout: Double?
        var unkToken: String?
        var continuingSubwordPrefix: String?
        var endOfWordSuffix: String?
        var fuseUnknown: Bool?
        var byteFallback: Bool?
        var ignoreMerges: Bool?

        enum CodingKeys: String, CodingKey {
            case type, vocab, merges, dropout
            case unkToken = "unk_token"
            case continuingSubwordPrefix = "continuing_subword_prefix"
            case endOfWordSuffix = "end_of_word_suffix"
            case fuseUnknown = "fuse_unk"
            case byteFallback = "byte_fallback"
            case ignoreMerges = "ignore_merges"
        }
    }

    /// Merges, written as `"a b"` or, since tokenizers 0.20, as `["a", "b"]`.
    struct Merges: Codable, Sendable {
        var pairs: [(String, String)]

        /// Makes a list of merges.
        init(_ pairs: [(String, String)]) { self.pairs = pairs }

        func encode(to encoder: any Encoder) throws {
            try pairs.map { [$0.0, $0.1] }.encode(to: encoder)
        }

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            let lists: [[String]]
            if let lines = try? value.decode([String].self) {
                lists = lines.map {
                    $0.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
                }
            } else {
                lists = try value.decode([[String]].self)
            }
            pairs = try lists.enumerated().map { index, parts in
                guard parts.count == 2 else {
                    throw DecodingError.dataCorruptedError(
                        in: value,
                        debugDescription: "merge \(index) has \(parts.count) parts, not 2")
                }
                return (parts[0], parts[1])
            }
        }
    }

    /// Reads a file.
    ///
    /// - Throws: `RefluxError` of kind `input` that names the file and the key.
    static func read(_ path: String) throws -> TokenizerFile {
        try decode(Files.read(path), path: path)
    }

    /// Reads the contents of a file.
    ///
    /// - Throws: as ``read(_:)``.
    static func decode(_ data: Data, path: String) throws -> TokenizerFile {
        // The type first: other models have vocabularies of other forms.
        let kind = try JSONText.decode(KindOnly.self, from: data, path: path).model.type ?? "BPE"
        guard kind == "BPE" else {
            throw RefluxError(
                .input, found: "a tokenizer of type \"\(kind)\"",
                at: SourceLocation(path: path, key: "model.type"), wanted: "BPE",
                remedy: "Choose a model with a BPE tokenizer.")
        }
        var file = try JSONText.decode(TokenizerFile.self, from: data, path: path)
        file.model.vocab = try TokenizerVocabulary.read(data, path: path)
        return file
    }

    private struct KindOnly: Decodable {
        struct Model: Decodable { var type: String? }
        var model: Model
    }
}
