import Foundation
import RefluxCore
import RefluxFiles

extension ModelFolder {
    /// Files that are taken over as they are when they exist.
    private static let tokenizerFiles = [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "vocab.json", "merges.txt", "chat_template.jinja", "generation_config.json",
    ]

    /// Writes a model folder that `transformers` loads.
    ///
    /// Each file appears whole; `config.json` is the last one. Callers that replace a folder write
    /// into a temporary one (`Files.writeFolderAtomically`).
    ///
    /// - Parameters:
    ///   - folder: made if it is not there.
    ///   - configuration: the model's shape.
    ///   - layout: where each parameter lies in `parameters`.
    ///   - parameters: all parameters.
    ///   - source: the folder from which the tokenizer, the generation defaults and the special
    ///     ids of `config.json` are taken.
    ///   - dtype: how weights are stored.
    /// - Throws: `RefluxError` of kind `system` (disk full, no permission) or `input` (`source`).
    static func write(
        to folder: String, configuration: ModelConfiguration, layout: ParameterLayout,
        parameters: UnsafeBufferPointer<Float>, copyingTokenizerFrom source: String,
        dtype: SafetensorsWriter.Precision
    ) throws {
        try Files.makeFolder(folder)
        let special = try copyTokenizer(from: source, to: folder)
        try writeWeights(to: folder, layout: layout, parameters: parameters, dtype: dtype)
        try writeConfig(to: folder, configuration, special, dtype: dtype)
    }

    /// Copies the tokenizer's files and the generation defaults.
    ///
    /// - Returns: the special ids of the source's `config.json`.
    static func copyTokenizer(from source: String, to folder: String) throws -> SpecialIDs {
        for name in tokenizerFiles where Files.exists("\(source)/\(name)") {
            try Files.writeAtomically(Files.read("\(source)/\(name)"), to: "\(folder)/\(name)")
        }
        let config = "\(source)/config.json"
        return try JSONText.decode(SpecialIDs.self, from: Files.read(config), path: config)
    }

    /// Writes `model.safetensors`.
    static func writeWeights(
        to folder: String, layout: ParameterLayout, parameters: UnsafeBufferPointer<Float>,
        dtype: SafetensorsWriter.Precision
    ) throws {
        let writer = try SafetensorsWriter(
            "\(folder)/model.safetensors", tensors: layout.entries.map { ($0.name, $0.shape) },
            precision: dtype)
        for entry in layout.entries {
            let range = entry.offset..<entry.offset + entry.count
            try writer.append(UnsafeBufferPointer(rebasing: parameters[range]))
        }
        try writer.finish()
    }

    /// Writes `config.json`.
    static func writeConfig(
        to folder: String, _ configuration: ModelConfiguration, _ special: SpecialIDs,
        dtype: SafetensorsWriter.Precision
    ) throws {
        let file = WrittenConfig(configuration, special, dtype: dtype)
        try Files.writeAtomically(
            Data((try JSONText.encode(file, pretty: true) + "\n").utf8),
            to: "\(folder)/config.json")
    }
}

/// The special ids of `config.json`, which the engine does not interpret but hands on.
struct SpecialIDs: Codable, Sendable {
    var begin: TokenIDs?
    var end: TokenIDs?
    var padding: TokenIDs?

    enum CodingKeys: String, CodingKey {
        case begin = "bos_token_id"
        case end = "eos_token_id"
        case padding = "pad_token_id"
    }
}

/// `config.json` as it is written: the keys that `transformers` 4 and 5, vLLM and llama.cpp read.
private struct WrittenConfig: Encodable {
    private let fields: [String: Value]

    private enum Value: Encodable {
        case text(String), whole(Int), number(Double), truth(Bool), list([String])
        case ids(TokenIDs)

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .text(let value): try value.encode(to: encoder)
            case .whole(let value): try value.encode(to: encoder)
            case .number(let value): try value.encode(to: encoder)
            case .truth(let value): try value.encode(to: encoder)
            case .list(let value): try value.encode(to: encoder)
            case .ids(let value): try value.encode(to: encoder)
            }
        }
    }

    init(
        _ c: ModelConfiguration, _ special: SpecialIDs, dtype: SafetensorsWriter.Precision
    ) {
        let architecture = c.family == .llama ? "LlamaForCausalLM" : "Qwen2ForCausalLM"
        var fields: [String: Value] = [
            "architectures": .list([architecture]), "model_type": .text(c.family.rawValue),
            "num_hidden_layers": .whole(c.layers), "hidden_size": .whole(c.width),
            "num_attention_heads": .whole(c.heads), "num_key_value_heads": .whole(c.keyValueHeads),
            "head_dim": .whole(c.headWidth), "intermediate_size": .whole(c.feedForward),
            "vocab_size": .whole(c.vocabularySize), "hidden_act": .text("silu"),
            "max_position_embeddings": .whole(c.contextLength),
            "rope_theta": .number(c.ropeBase), "tie_word_embeddings": .truth(c.tiedEmbeddings),
            // Six digits: 1e-5 as a 32-bit float would read 9.999999747378752e-06.
            "rms_norm_eps": .number(Double(String(format: "%.6g", c.normEpsilon)) ?? 1e-6),
            "torch_dtype": .text(dtype == .float32 ? "float32" : "bfloat16"),
        ]
        fields["bos_token_id"] = special.begin.map(Value.ids)
        fields["eos_token_id"] = special.end.map(Value.ids)
        fields["pad_token_id"] = special.padding.map(Value.ids)
        self.fields = fields
    }

    func encode(to encoder: any Encoder) throws { try fields.encode(to: encoder) }
}
