import Foundation
import RefluxCore

/// Turns a file into a configuration, refusing what the engine does not compute.
struct ConfigCheck {
    let file: ConfigFile
    let path: String
    /// Other names of the keys, where the values do not come from `config.json`.
    var keys: [String: String] = [:]

    func configuration() throws -> ModelConfiguration {
        let family = try family()
        try refuseVariants(family)
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
        let positions = try bounded(
            "max_position_embeddings", file.maxPositionEmbeddings, 1...1 << 24)
        let window = try window(family, positions: positions)
        return ModelConfiguration(
            family: family,
            layers: try bounded("num_hidden_layers", file.numHiddenLayers, 1...1024),
            width: width, heads: heads, keyValueHeads: keyValueHeads,
            headWidth: headWidth,
            feedForward: try bounded("intermediate_size", file.intermediateSize, 1...1 << 20),
            vocabularySize: try bounded("vocab_size", file.vocabSize, 1...1 << 24),
            contextLength: window?.tokens ?? positions,
            ropeBase: try ropeBase(), ropeScaling: try ropeScaling(),
            normEpsilon: try normEpsilon(),
            tiedEmbeddings: file.tieWordEmbeddings ?? false, attentionBias: family == .qwen2,
            window: window)
    }

    private func family() throws -> ModelConfiguration.Family {
        let name = file.architectures.first
        let families = ModelConfiguration.Family.allCases
        guard let family = families.first(where: { $0.architecture == name }) else {
            throw wrong(
                "architectures", name.map { "the architecture \"\($0)\"" } ?? "no architecture",
                families.map(\.architecture).joined(separator: ", "),
                "Choose a model of one of these families.")
        }
        return family
    }

    private func refuseVariants(_ family: ModelConfiguration.Family) throws {
        guard ["silu", "swish"].contains(file.hiddenAct ?? "silu") else {
            throw wrong("hidden_act", "the activation \"\(file.hiddenAct ?? "")\"", "silu")
        }
        guard file.mlpBias != true else { throw wrong("mlp_bias", "true", "false") }
        guard file.attentionBias != true || family == .qwen2 else {
            throw wrong("attention_bias", "true", "false")
        }
        guard file.quantizationConfig == nil else {
            throw wrong(
                "quantization_config", "quantised weights", "F32, F16 or BF16 weights",
                "Choose the original model, not a quantised copy.")
        }
    }

    /// Mistral's attention window, where it is shorter than the positions; windows of some layers
    /// only are refused.
    private func window(
        _ family: ModelConfiguration.Family, positions: Int
    ) throws -> ModelConfiguration.AttentionWindow? {
        let allowed =
            family == .mistral ? ["full_attention", "sliding_attention"] : ["full_attention"]
        if let type = file.layerTypes?.first(where: { !allowed.contains($0) }) {
            throw wrong("layer_types", "\"\(type)\"", "full_attention in every layer")
        }
        guard let tokens = file.slidingWindow else { return nil }
        switch family {
        case .mistral:
            let tokens = try bounded("sliding_window", tokens, 1...1 << 24)
            return tokens < positions ? .init(tokens: tokens, positions: positions) : nil
        case .qwen2, .qwen3:
            guard file.useSlidingWindow ?? false else { return nil }
        case .llama: break
        }
        throw wrong("sliding_window", "sliding-window attention", "full attention")
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

    private func normEpsilon() throws -> Float {
        let epsilon = file.rmsNormEps ?? 1e-6
        guard epsilon > 0, epsilon < 1 else {
            throw wrong("rms_norm_eps", "\(epsilon)", "a number between 0 and 1")
        }
        return Float(epsilon)
    }

    func bounded(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws -> Int {
        guard range.contains(value) else {
            throw wrong(key, "\(value)", "\(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func wrong(
        _ key: String, _ found: String, _ wanted: String, _ remedy: String? = nil
    ) -> RefluxError {
        RefluxError(
            .input, found: found, at: SourceLocation(path: path, key: keys[key] ?? key),
            wanted: wanted,
            remedy: remedy ?? "Choose another model, or correct the file.")
    }
}
