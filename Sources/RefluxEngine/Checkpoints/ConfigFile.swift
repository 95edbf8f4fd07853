import Foundation
import RefluxCore
import RefluxFiles

/// `config.json` of a Hugging Face model folder, as far as it matters here.
struct ConfigFile: Decodable {
    var architectures: [String]
    var hiddenSize: Int
    var intermediateSize: Int
    var numHiddenLayers: Int
    var numAttentionHeads: Int
    var numKeyValueHeads: Int?
    var headDim: Int?
    var maxPositionEmbeddings: Int
    var vocabSize: Int
    var rmsNormEps: Double?
    var ropeTheta: Double?
    var ropeScaling: Rope?
    /// Where transformers 5 writes the rotary settings.
    var ropeParameters: Rope?
    var tieWordEmbeddings: Bool?
    var attentionBias: Bool?
    var mlpBias: Bool?
    var hiddenAct: String?
    var slidingWindow: Int?
    var useSlidingWindow: Bool?
    var layerTypes: [String]?
    var quantizationConfig: Ignored?
    var endTokens: TokenIDs?

    enum CodingKeys: String, CodingKey {
        case architectures
        case hiddenSize = "hidden_size"
        case intermediateSize = "intermediate_size"
        case numHiddenLayers = "num_hidden_layers"
        case numAttentionHeads = "num_attention_heads"
        case numKeyValueHeads = "num_key_value_heads"
        case headDim = "head_dim"
        case maxPositionEmbeddings = "max_position_embeddings"
        case vocabSize = "vocab_size"
        case rmsNormEps = "rms_norm_eps"
        case ropeTheta = "rope_theta"
        case ropeScaling = "rope_scaling"
        case ropeParameters = "rope_parameters"
        case tieWordEmbeddings = "tie_word_embeddings"
        case attentionBias = "attention_bias"
        case mlpBias = "mlp_bias"
        case hiddenAct = "hidden_act"
        case slidingWindow = "sliding_window"
        case useSlidingWindow = "use_sliding_window"
        case layerTypes = "layer_types"
        case quantizationConfig = "quantization_config"
        case endTokens = "eos_token_id"
    }

    /// Settings of the rotary embedding.
    struct Rope: Decodable {
        var ropeTheta: Double?
        var ropeType: String?
        /// The older name of `rope_type`.
        var type: String?
        var partialRotaryFactor: Double?

        enum CodingKeys: String, CodingKey {
            case ropeTheta = "rope_theta"
            case ropeType = "rope_type"
            case type
            case partialRotaryFactor = "partial_rotary_factor"
        }
    }

    /// A value of any kind, of which only the presence matters.
    struct Ignored: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    /// Reads and checks a file.
    ///
    /// - Throws: `RefluxError` of kind `input` that names the file and the key.
    static func read(_ path: String) throws -> (file: ConfigFile, model: ModelConfiguration) {
        let file = try JSONText.decode(ConfigFile.self, from: Files.read(path), path: path)
        return (file, try ConfigCheck(file: file, path: path).configuration())
    }
}

/// Turns a file into a configuration, refusing what the engine does not compute.
private struct ConfigCheck {
    let file: ConfigFile
    let path: String

    func configuration() throws -> ModelConfiguration {
        let family = try family()
        try refuseVariants()
        let heads = try bounded("num_attention_heads", file.numAttentionHeads, 1...4096)
        let width = try bounded("hidden_size", file.hiddenSize, 1...1 << 17)
        let headWidth = try headWidth(width: width, heads: heads)
        let keyValueHeads = try bounded(
            "num_key_value_heads", file.numKeyValueHeads ?? heads, 1...heads)
        guard heads % keyValueHeads == 0 else {
            throw wrong(
                "num_key_value_heads", "\(keyValueHeads) heads for keys",
                "a divisor of num_attention_heads, which is \(heads)")
        }
        return ModelConfiguration(
            family: family,
            layers: try bounded("num_hidden_layers", file.numHiddenLayers, 1...1024),
            width: width, heads: heads, keyValueHeads: keyValueHeads,
            headWidth: headWidth,
            feedForward: try bounded("intermediate_size", file.intermediateSize, 1...1 << 20),
            vocabularySize: try bounded("vocab_size", file.vocabSize, 1...1 << 24),
            contextLength: try bounded(
                "max_position_embeddings", file.maxPositionEmbeddings, 1...1 << 24),
            ropeBase: try ropeBase(), normEpsilon: try normEpsilon(),
            tiedEmbeddings: file.tieWordEmbeddings ?? false, attentionBias: family == .qwen2)
    }

    private func family() throws -> ModelConfiguration.Family {
        switch file.architectures.first {
        case "LlamaForCausalLM", "MistralForCausalLM": return .llama
        case "Qwen2ForCausalLM": return .qwen2
        case let other:
            throw wrong(
                "architectures", other.map { "the architecture \"\($0)\"" } ?? "no architecture",
                "LlamaForCausalLM, MistralForCausalLM or Qwen2ForCausalLM",
                "Choose a model of one of these families.")
        }
    }

    private func refuseVariants() throws {
        for (key, rope) in [
            ("rope_scaling", file.ropeScaling), ("rope_parameters", file.ropeParameters),
        ] {
            let type = rope?.ropeType ?? rope?.type ?? "default"
            guard type == "default" else {
                throw wrong(
                    key, "rotary scaling of type \"\(type)\"", "none (it is not supported yet)",
                    "Choose a model without long-context scaling.")
            }
            guard (rope?.partialRotaryFactor ?? 1) == 1 else {
                throw wrong(key, "a partial rotary embedding", "partial_rotary_factor 1")
            }
        }
        guard ["silu", "swish"].contains(file.hiddenAct ?? "silu") else {
            throw wrong("hidden_act", "the activation \"\(file.hiddenAct ?? "")\"", "silu")
        }
        guard file.mlpBias != true else { throw wrong("mlp_bias", "true", "false") }
        guard file.attentionBias != true || file.architectures.first == "Qwen2ForCausalLM" else {
            throw wrong("attention_bias", "true", "false")
        }
        guard file.quantizationConfig == nil else {
            throw wrong(
                "quantization_config", "quantised weights", "F32, F16 or BF16 weights",
                "Choose the original model, not a quantised copy.")
        }
        try refuseWindows()
    }

    private func refuseWindows() throws {
        let isQwen = file.architectures.first == "Qwen2ForCausalLM"
        let isUsed = isQwen ? file.useSlidingWindow ?? false : file.slidingWindow != nil
        guard !isUsed else {
            throw wrong("sliding_window", "sliding-window attention", "full attention")
        }
        if let type = file.layerTypes?.first(where: { $0 != "full_attention" }) {
            throw wrong("layer_types", "\"\(type)\"", "full_attention in every layer")
        }
    }

    private func headWidth(width: Int, heads: Int) throws -> Int {
        let headWidth: Int
        if let given = file.headDim {
            headWidth = try bounded("head_dim", given, 2...1024)
        } else if width % heads == 0, width / heads <= 1024 {
            headWidth = width / heads
        } else {
            throw wrong(
                "num_attention_heads", "\(heads) heads", "a divisor of hidden_size (\(width))")
        }
        guard headWidth % 2 == 0 else {
            throw wrong("head_dim", "heads of width \(headWidth)", "an even width")
        }
        return headWidth
    }

    private func ropeBase() throws -> Double {
        let key = file.ropeParameters?.ropeTheta == nil ? "rope_theta" : "rope_parameters"
        let base = file.ropeParameters?.ropeTheta ?? file.ropeTheta ?? 10000
        guard base.isFinite, base >= 1 else { throw wrong(key, "\(base)", "at least 1") }
        return base
    }

    private func normEpsilon() throws -> Float {
        let epsilon = file.rmsNormEps ?? 1e-6
        guard epsilon > 0, epsilon < 1 else {
            throw wrong("rms_norm_eps", "\(epsilon)", "a number between 0 and 1")
        }
        return Float(epsilon)
    }

    private func bounded(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws -> Int {
        guard range.contains(value) else {
            throw wrong(key, "\(value)", "\(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    private func wrong(
        _ key: String, _ found: String, _ wanted: String, _ remedy: String? = nil
    ) -> RefluxError {
        RefluxError(
            .input, found: found, at: SourceLocation(path: path, key: key), wanted: wanted,
            remedy: remedy ?? "Choose another model, or correct the file.")
    }
}
