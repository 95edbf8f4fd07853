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
        var factor: Double?
        var lowFactor: Double?
        var highFactor: Double?
        /// The context of pretraining.
        var originalPositions: Int?

        enum CodingKeys: String, CodingKey {
            case ropeTheta = "rope_theta"
            case ropeType = "rope_type"
            case type
            case partialRotaryFactor = "partial_rotary_factor"
            case factor
            case lowFactor = "low_freq_factor"
            case highFactor = "high_freq_factor"
            case originalPositions = "original_max_position_embeddings"
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
