/// The shape of a decoder-only transformer of the Llama kind.
struct ModelConfiguration: Sendable, Equatable {
    /// The families that differ in more than numbers.
    enum Family: String, Sendable {
        /// Llama 2 and 3, SmolLM2, TinyLlama, Mistral without a sliding window.
        case llama
        /// Qwen2 and Qwen2.5: a bias in the query, key and value projections.
        case qwen2
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
    var contextLength: Int
    var ropeBase: Double
    var normEpsilon: Float
    /// Whether the head is the embedding.
    var tiedEmbeddings: Bool
    /// Whether q, k and v have biases.
    var attentionBias: Bool

    /// The width of all query heads together.
    var queryWidth: Int { heads * headWidth }
    /// The width of all key heads together, which is that of the value heads.
    var keyValueWidth: Int { keyValueHeads * headWidth }
    /// The width of queries, keys and values side by side.
    var projectionWidth: Int { queryWidth + 2 * keyValueWidth }
    /// Query heads that share a key-value head.
    var group: Int { heads / keyValueHeads }
}
