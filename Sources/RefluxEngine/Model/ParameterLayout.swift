/// Where each parameter lies in one flat buffer of floats.
///
/// Names are those of Hugging Face checkpoints; matrices are `[outputs, inputs]`. The order makes
/// q, k and v of a layer one matrix of `projectionWidth` rows, and gate and up one of
/// `2 feedForward` rows, so that each pair or triple is one product.
struct ParameterLayout: Sendable, Equatable {
    /// One parameter.
    struct Entry: Sendable, Equatable {
        /// The checkpoint's key, for instance `model.layers.0.self_attn.q_proj.weight`.
        let name: String
        /// `[outputs, inputs]` of a matrix, `[width]` of a vector.
        let shape: [Int]
        /// The first element in the flat buffer.
        let offset: Int

        /// Whether it is a matrix: only those are decayed.
        var isMatrix: Bool { shape.count == 2 }
        /// The number of elements.
        var count: Int { shape.reduce(1, *) }
    }

    /// The offsets of one layer's parameters.
    struct Layer: Sendable, Equatable {
        let attentionNorm: Int
        /// q, k, v: `[projectionWidth, width]`
        let projection: Int
        /// Biases of q, k, v: `[projectionWidth]`; absent without biases.
        let projectionBias: Int?
        /// Norms of the query heads, then of the key heads: `[2, headWidth]`; absent without them.
        let headNorms: Int?
        /// `[width, queryWidth]`
        let output: Int
        let feedForwardNorm: Int
        /// gate, up: `[2 feedForward, width]`
        let gateUp: Int
        /// `[width, feedForward]`
        let down: Int
    }

    /// All parameters, by offset.
    let entries: [Entry]
    /// The layers' offsets.
    let layers: [Layer]
    /// `[vocabularySize, width]`
    let embedding: Int
    /// `[width]`
    let finalNorm: Int
    /// `[vocabularySize, width]`; the embedding when tied.
    let head: Int
    /// All elements.
    let count: Int

    /// Lays out a model.
    init(_ configuration: ModelConfiguration) {
        let c = configuration
        var builder = Builder()
        embedding = builder.add("model.embed_tokens.weight", [c.vocabularySize, c.width])
        layers = (0..<c.layers).map { builder.addLayer("model.layers.\($0).", c) }
        finalNorm = builder.add("model.norm.weight", [c.width])
        head =
            c.tiedEmbeddings
            ? embedding : builder.add("lm_head.weight", [c.vocabularySize, c.width])
        entries = builder.entries
        count = builder.count
    }
}

extension ParameterLayout {
    private struct Builder {
        var entries: [Entry] = []
        var count = 0

        mutating func add(_ name: String, _ shape: [Int]) -> Int {
            let entry = Entry(name: name, shape: shape, offset: count)
            entries.append(entry)
            count += entry.count
            return entry.offset
        }

        mutating func addLayer(_ prefix: String, _ c: ModelConfiguration) -> Layer {
            let attention = prefix + "self_attn."
            let norm = add(prefix + "input_layernorm.weight", [c.width])
            let projection = add(attention + "q_proj.weight", [c.queryWidth, c.width])
            _ = add(attention + "k_proj.weight", [c.keyValueWidth, c.width])
            _ = add(attention + "v_proj.weight", [c.keyValueWidth, c.width])
            var bias: Int?
            if c.attentionBias {
                bias = add(attention + "q_proj.bias", [c.queryWidth])
                _ = add(attention + "k_proj.bias", [c.keyValueWidth])
                _ = add(attention + "v_proj.bias", [c.keyValueWidth])
            }
            var headNorms: Int?
            if c.headNorms {
                headNorms = add(attention + "q_norm.weight", [c.headWidth])
                _ = add(attention + "k_norm.weight", [c.headWidth])
            }
            let output = add(attention + "o_proj.weight", [c.width, c.queryWidth])
            let secondNorm = add(prefix + "post_attention_layernorm.weight", [c.width])
            let gateUp = add(prefix + "mlp.gate_proj.weight", [c.feedForward, c.width])
            _ = add(prefix + "mlp.up_proj.weight", [c.feedForward, c.width])
            let down = add(prefix + "mlp.down_proj.weight", [c.width, c.feedForward])
            return Layer(
                attentionNorm: norm, projection: projection, projectionBias: bias,
                headNorms: headNorms, output: output, feedForwardNorm: secondNorm, gateUp: gateUp,
                down: down)
        }
    }
}
