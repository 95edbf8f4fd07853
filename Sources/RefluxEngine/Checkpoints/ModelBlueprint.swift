import RefluxCore

/// The shape of a fresh model, of the Llama family.
public struct ModelBlueprint: Sendable, Codable, Equatable {
    /// The number of layers.
    public var layers: Int
    /// The width of the hidden state.
    public var width: Int
    /// Query heads; divides `width` into even parts.
    public var heads: Int
    /// Key and value heads; divides `heads`.
    public var keyValueHeads: Int
    /// The inner width of the SwiGLU.
    public var feedForward: Int
    /// The most tokens of prompt and response together.
    public var contextLength: Int
    /// The number of tokens that the tokenizer learns, at least 257. The model gets as many ids as
    /// its tokenizer has; a small corpus may give fewer than wanted.
    public var vocabularySize: Int
    /// The base of the rotary frequencies.
    public var ropeBase: Double
    /// Whether the head is the embedding.
    public var tiedEmbeddings: Bool

    /// Makes a blueprint.
    public init(
        layers: Int, width: Int, heads: Int, keyValueHeads: Int, feedForward: Int,
        contextLength: Int, vocabularySize: Int, ropeBase: Double = 10000,
        tiedEmbeddings: Bool = true
    ) {
        self.layers = layers
        self.width = width
        self.heads = heads
        self.keyValueHeads = keyValueHeads
        self.feedForward = feedForward
        self.contextLength = contextLength
        self.vocabularySize = vocabularySize
        self.ropeBase = ropeBase
        self.tiedEmbeddings = tiedEmbeddings
    }

    /// The model's configuration with a tokenizer of so many ids.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` when the numbers do not fit together.
    func configuration(vocabularySize: Int) throws -> ModelConfiguration {
        let limits = [
            ("layers", layers, 1024), ("width", width, 1 << 17), ("heads", heads, 4096),
            ("keyValueHeads", keyValueHeads, heads), ("feedForward", feedForward, 1 << 20),
            ("contextLength", contextLength, 1 << 24),
        ]
        for (name, value, most) in limits where value < 1 || value > most {
            throw Self.wrong("\(name) \(value)", wanted: "1 to \(max(1, most))")
        }
        guard width % heads == 0, (width / heads) % 2 == 0 else {
            throw Self.wrong(
                "\(heads) heads for width \(width)", wanted: "heads of an equal, even width")
        }
        guard heads % keyValueHeads == 0 else {
            throw Self.wrong(
                "\(keyValueHeads) key-value heads", wanted: "a divisor of the \(heads) heads")
        }
        guard ropeBase.isFinite, ropeBase >= 1 else {
            throw Self.wrong("ropeBase \(ropeBase)", wanted: "at least 1")
        }
        return ModelConfiguration(
            family: .llama, layers: layers, width: width, heads: heads,
            keyValueHeads: keyValueHeads, headWidth: width / heads, feedForward: feedForward,
            vocabularySize: vocabularySize, contextLength: contextLength, ropeBase: ropeBase,
            normEpsilon: 1e-5, tiedEmbeddings: tiedEmbeddings, attentionBias: false)
    }

    private static func wrong(_ found: String, wanted: String) -> RefluxError {
        RefluxError(
            .usage, found: "a model with \(found)", wanted: wanted,
            remedy: "Change the model's shape.")
    }
}
