/// The shape of a decoder-only transformer of the Llama kind.
struct ModelConfiguration: Sendable, Equatable {
    /// The families that differ in more than numbers.
    enum Family: String, Sendable, CaseIterable {
        /// Llama 2 and 3, SmolLM2, TinyLlama.
        case llama
        /// Mistral: Llama's layers, within the attention window.
        case mistral
        /// Qwen2 and Qwen2.5: a bias in the query, key and value projections.
        case qwen2
        /// Qwen3: a norm of each query and key head.
        case qwen3
    }

    var family: Family
    var layers: Int
    var width: Int
    /// Query heads.
    var heads: Int
    /// Key and value heads; divides `heads`.
    var keyValueHeads: Int
    var headWidth: Int
    /// The inner width of the SwiGLU.
    var feedForward: Int
    var vocabularySize: Int
    /// The most tokens that are computed: the positions of the model, or its attention window where
    /// that is shorter.
    var contextLength: Int
    var ropeBase: Double
    var ropeScaling = RopeScaling.none
    var normEpsilon: Float
    /// Whether the head is the embedding.
    var tiedEmbeddings: Bool
    /// Whether q, k and v have biases.
    var attentionBias: Bool
    /// What the files say of positions beyond `contextLength`; absent when it is all.
    var window: AttentionWindow?

    /// A model whose tokens attend to the last `tokens` tokens only, themselves included.
    ///
    /// Within the window this is full attention, which is all that is computed here.
    struct AttentionWindow: Sendable, Equatable {
        var tokens: Int
        /// The positions that the model has beyond the window.
        var positions: Int
    }

    /// Whether each query and key head is normalised before it is turned.
    var headNorms: Bool { family == .qwen3 }
    /// The width of all query heads together.
    var queryWidth: Int { heads * headWidth }
    /// The width of all key heads together, which is that of the value heads.
    var keyValueWidth: Int { keyValueHeads * headWidth }
    /// The width of queries, keys and values side by side.
    var projectionWidth: Int { queryWidth + 2 * keyValueWidth }
    /// The width of queries and keys side by side.
    var queryKeyWidth: Int { queryWidth + keyValueWidth }
    /// Query heads that share a key-value head.
    var group: Int { heads / keyValueHeads }
}

extension ModelConfiguration.Family {
    /// The name of the family's class in `config.json`.
    var architecture: String {
        switch self {
        case .llama: "LlamaForCausalLM"
        case .mistral: "MistralForCausalLM"
        case .qwen2: "Qwen2ForCausalLM"
        case .qwen3: "Qwen3ForCausalLM"
        }
    }
}
