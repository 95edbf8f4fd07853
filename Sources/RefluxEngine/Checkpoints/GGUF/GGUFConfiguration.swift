import Foundation
import RefluxCore

/// The shape of a model from a GGUF file's metadata, through the same checks as `config.json`.
struct GGUFConfiguration {
    private let path: String
    private let header: GGUFHeader
    private let metadata: GGUFMetadata
    private let family: ModelConfiguration.Family

    /// Finds the family.
    ///
    /// - Throws: `RefluxError` of kind `input` when it is not a known one, or the file is a part.
    init(_ header: GGUFHeader, path: String) throws {
        self.header = header
        self.path = path
        metadata = GGUFMetadata(header, path: path)
        let name = try metadata.text("general.architecture")
        switch name {
        case "llama": family = .llama
        case "qwen2": family = .qwen2
        case "qwen3": family = .qwen3
        default:
            throw metadata.wrong(
                "general.architecture", name.map { "the architecture \"\($0)\"" } ?? "nothing",
                "llama, qwen2 or qwen3", "Choose a model of one of these families.")
        }
        if let parts = try metadata.integer("split.count"), parts > 1 {
            throw metadata.wrong(
                "split.count", "one of \(parts) parts", "a whole file",
                "Join the parts with llama.cpp's gguf-split.")
        }
    }

    /// The configuration.
    ///
    /// - Parameter factors: the contents of ``GGUFNames/frequencyFactors``, where the file has it.
    /// - Returns: the checked shape.
    /// - Throws: `RefluxError` of kind `input` that names the key.
    func configuration(factors: [Float]?) throws -> ModelConfiguration {
        let heads = try required("attention.head_count")
        let width = try required("embedding_length")
        try refuseVariants(heads: heads, width: width)
        let config = ConfigFile(
            architectures: [family.architecture], hiddenSize: width,
            intermediateSize: try required("feed_forward_length"),
            numHiddenLayers: try required("block_count"), numAttentionHeads: heads,
            numKeyValueHeads: try integer("attention.head_count_kv"),
            headDim: try integer("attention.key_length"),
            maxPositionEmbeddings: try required("context_length"),
            vocabSize: header.tensors[GGUFNames.embedding]?.shape.first ?? 0,
            rmsNormEps: try metadata.shortNumber(key("attention.layer_norm_rms_epsilon")),
            ropeTheta: try metadata.shortNumber(key("rope.freq_base")),
            ropeScaling: try linearScaling(),
            tieWordEmbeddings: header.tensors[GGUFNames.head] == nil)
        var result = try ConfigCheck(file: config, path: path, keys: keys).configuration()
        if let factors {
            guard factors.count == result.headWidth / 2 else {
                throw metadata.wrong(
                    GGUFNames.frequencyFactors, "\(factors.count) factors",
                    "\(result.headWidth / 2), half the width of a head")
            }
            result.ropeScaling = try Self.scaling(of: factors, result, path)
        }
        return result
    }

    private func key(_ name: String) -> String { "\(family.rawValue).\(name)" }

    private func integer(_ name: String) throws -> Int? { try metadata.integer(key(name)) }

    private func required(_ name: String) throws -> Int {
        guard let value = try integer(name) else {
            throw metadata.wrong(key(name), "nothing", "a whole number")
        }
        return value
    }

    /// The file's keys for those of `config.json`, for errors.
    private var keys: [String: String] {
        [
            "hidden_size": key("embedding_length"), "num_hidden_layers": key("block_count"),
            "num_attention_heads": key("attention.head_count"),
            "num_key_value_heads": key("attention.head_count_kv"),
            "head_dim": key("attention.key_length"),
            "intermediate_size": key("feed_forward_length"),
            "max_position_embeddings": key("context_length"), "vocab_size": GGUFNames.embedding,
            "rms_norm_eps": key("attention.layer_norm_rms_epsilon"),
            "rope_theta": key("rope.freq_base"),
            "rope_scaling.factor": key("rope.scaling.factor"),
        ]
    }

    private func refuseVariants(heads: Int, width: Int) throws {
        if let experts = try integer("expert_count"), experts > 0 {
            throw metadata.wrong(
                key("expert_count"), "a mixture of \(experts) experts", "a dense model")
        }
        let headWidth = try integer("attention.key_length") ?? width / max(1, heads)
        for name in ["rope.dimension_count", "attention.value_length"] {
            guard let size = try integer(name), size != headWidth else { continue }
            throw metadata.wrong(
                key(name), "\(size)", "the width of a head, which is \(headWidth)")
        }
        let context = try required("context_length")
        if let window = try integer("attention.sliding_window"), window > 0, window < context {
            throw metadata.wrong(
                key("attention.sliding_window"), "sliding-window attention", "full attention")
        }
    }

    private func linearScaling() throws -> ConfigFile.Rope? {
        let type = try metadata.text(key("rope.scaling.type"))
        switch type {
        case nil, "none": return nil
        case "linear":
            return ConfigFile.Rope(
                ropeType: "linear", factor: try metadata.shortNumber(key("rope.scaling.factor")))
        case let type?:
            throw metadata.wrong(
                key("rope.scaling.type"), "rotary scaling of type \"\(type)\"", "none or linear",
                "Choose a model without this scaling.")
        }
    }

    /// Llama 3's scaling from its factors, which are all that a GGUF file keeps of it.
    ///
    /// The largest is the factor; one between it and 1 tells the context of pretraining. The two
    /// other numbers are the published ones, and all factors are checked against them.
    private static func scaling(
        of factors: [Float], _ configuration: ModelConfiguration, _ path: String
    ) throws -> RopeScaling {
        let plain = RotaryTable.frequencies(configuration)
        let largest = Double(factors.max() ?? 1)
        var numbers = RopeScaling.Llama3(
            factor: (largest * 1000).rounded() / 1000, lowFactor: 1, highFactor: 4, context: 8192)
        if let index = factors.firstIndex(where: { $0 > 1.01 && Double($0) < 0.99 * largest }) {
            let share = (1 / Double(factors[index]) - 1 / largest) / (1 - 1 / largest)
            let turns = numbers.lowFactor + share * (numbers.highFactor - numbers.lowFactor)
            let context = 2 * Double.pi * turns / Double(plain[index])
            numbers.context = context < 16_777_216 ? max(1, Int(context.rounded())) : 8192
        }
        let scaling = RopeScaling.llama3(numbers)
        for (factor, frequency) in zip(factors, plain) {
            guard abs(factor * scaling.scaled(frequency) - frequency) <= 1e-3 * frequency else {
                throw RefluxError(
                    .input, found: "frequency factors that are not those of Llama 3",
                    at: SourceLocation(path: path, key: GGUFNames.frequencyFactors),
                    wanted: "those of low_freq_factor 1 and high_freq_factor 4",
                    remedy: "Choose a model without this scaling.")
            }
        }
        return scaling
    }
}
