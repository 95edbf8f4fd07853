public import RefluxCore
import RefluxFiles

/// What a model on disk is: `reflux model show`.
///
/// ``read(_:)`` reads headers and the tokenizer, no weights: up to a second. Any thread.
public struct ModelSummary: Sendable, Codable, Equatable {
    /// The tensors of one type.
    public struct Storage: Sendable, Codable, Equatable {
        /// The type, for instance `BF16` or `Q4_K`.
        public var type: String
        /// How many tensors.
        public var tensors: Int
        /// Their elements.
        public var elements: Int
        /// Their bytes.
        public var bytes: Int
    }

    /// A low-rank adapter.
    public struct Adapter: Sendable, Codable, Equatable {
        /// The model under it.
        public var base: String
        /// Its shape.
        public var settings: AdapterSettings
        /// Its numbers.
        public var parameters: Int
    }

    /// The folder or file.
    public var path: String
    /// The adapter, where the folder holds one; all else is of the model under it.
    public var adapter: Adapter?
    /// `safetensors` or `gguf`.
    public var format: String
    /// The family, for instance `qwen2`.
    public var family: String
    /// All parameters; a head that is the embedding counts once.
    public var parameters: Int
    /// The number of layers.
    public var layers: Int
    /// The width of the hidden state.
    public var width: Int
    /// Query heads.
    public var heads: Int
    /// Key and value heads.
    public var keyValueHeads: Int
    /// The width of a head.
    public var headWidth: Int
    /// The inner width of the SwiGLU.
    public var feedForward: Int
    /// Whether the head is the embedding.
    public var tiedEmbeddings: Bool
    /// The base of the rotary frequencies.
    public var ropeBase: Double
    /// How the frequencies are scaled, in words; absent when they are not.
    public var ropeScaling: String?
    /// The most tokens of prompt and response together.
    public var contextLength: Int
    /// The tokens that attention reaches back, where that limits the context.
    public var attentionWindow: Int?
    /// The ids of the model.
    public var vocabularySize: Int
    /// What the tokenizer merges.
    public var tokenizer: String
    /// The ids of the tokenizer.
    public var tokenizerSize: Int
    /// The ids that end a response.
    public var endTokens: [Int32]
    /// The family of the chat template; `unknown` for one that cannot be used, absent without one.
    public var chatTemplate: String?
    /// The weights by type, the largest first.
    public var storage: [Storage]

    enum CodingKeys: String, CodingKey {
        case path, adapter, format, family, parameters, layers, width, heads
        case keyValueHeads = "key_value_heads"
        case headWidth = "head_width"
        case feedForward = "feed_forward"
        case tiedEmbeddings = "tied_embeddings"
        case ropeBase = "rope_base"
        case ropeScaling = "rope_scaling"
        case contextLength = "context_length"
        case attentionWindow = "attention_window"
        case vocabularySize = "vocabulary"
        case tokenizer
        case tokenizerSize = "tokenizer_vocabulary"
        case endTokens = "end_tokens"
        case chatTemplate = "chat_template"
        case storage
    }

    /// Looks at a model folder or a GGUF file, and checks that every tensor is there.
    ///
    /// - Throws: ``RefluxError`` of kind `input` that names the file and what is wrong with it.
    public static func read(_ path: String) throws -> ModelSummary {
        let folder = try ModelFolder.open(Files.expand(path))
        let weights = try folder.weights()
        let layout = ParameterLayout(folder.configuration)
        try weights.check(layout)
        let (c, tokenizer) = (folder.configuration, folder.tokenizer)
        return ModelSummary(
            path: path,
            adapter: folder.adapter.map { adapter in
                Adapter(
                    base: adapter.base, settings: adapter.settings,
                    parameters: AdapterLayout(c, adapter.settings).count)
            }, format: GGUFFile.isFile(folder.path) ? "gguf" : "safetensors",
            family: c.family.rawValue, parameters: layout.count, layers: c.layers, width: c.width,
            heads: c.heads, keyValueHeads: c.keyValueHeads, headWidth: c.headWidth,
            feedForward: c.feedForward, tiedEmbeddings: c.tiedEmbeddings, ropeBase: c.ropeBase,
            ropeScaling: c.ropeScaling.words, contextLength: c.contextLength,
            attentionWindow: c.window?.tokens, vocabularySize: c.vocabularySize,
            tokenizer: tokenizer.kind, tokenizerSize: tokenizer.vocabularySize,
            endTokens: tokenizer.endTokens.sorted(),
            chatTemplate: tokenizer.hasChatTemplate
                ? tokenizer.chatFamily?.rawValue ?? "unknown" : nil,
            storage: storage(try weights.tensors()))
    }

    private static func storage(_ tensors: [TensorFacts]) -> [Storage] {
        Dictionary(grouping: tensors, by: \.type).map { type, group in
            Storage(
                type: type, tensors: group.count, elements: group.reduce(0) { $0 + $1.elements },
                bytes: group.reduce(0) { $0 + $1.bytes })
        }.sorted { ($1.bytes, $0.type) < ($0.bytes, $1.type) }
    }
}

extension RopeScaling {
    /// In words; `nil` without any.
    fileprivate var words: String? {
        switch self {
        case .none: nil
        case .linear(let factor): "linear by \(factor)"
        case .llama3(let numbers): "llama3 by \(numbers.factor), from \(numbers.context) tokens"
        }
    }
}
