import Foundation

/// `config.json` as it is written: the keys that `transformers` 4 and 5, vLLM and llama.cpp read.
struct WrittenConfig: Encodable {
    private let fields: [String: Value]

    private enum Value: Encodable {
        case text(String), whole(Int), number(Double), truth(Bool), list([String])
        case ids(TokenIDs), table([String: Value])

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .text(let value): try value.encode(to: encoder)
            case .whole(let value): try value.encode(to: encoder)
            case .number(let value): try value.encode(to: encoder)
            case .truth(let value): try value.encode(to: encoder)
            case .list(let value): try value.encode(to: encoder)
            case .ids(let value): try value.encode(to: encoder)
            case .table(let value): try value.encode(to: encoder)
            }
        }
    }

    init(
        _ c: ModelConfiguration, _ special: SpecialIDs, dtype: SafetensorsWriter.Precision
    ) {
        var fields: [String: Value] = [
            "architectures": .list([c.family.architecture]), "model_type": .text(c.family.rawValue),
            "num_hidden_layers": .whole(c.layers), "hidden_size": .whole(c.width),
            "num_attention_heads": .whole(c.heads), "num_key_value_heads": .whole(c.keyValueHeads),
            "head_dim": .whole(c.headWidth), "intermediate_size": .whole(c.feedForward),
            "vocab_size": .whole(c.vocabularySize), "hidden_act": .text("silu"),
            "max_position_embeddings": .whole(c.window?.positions ?? c.contextLength),
            "rope_theta": .number(c.ropeBase), "tie_word_embeddings": .truth(c.tiedEmbeddings),
            // Six digits: 1e-5 as a 32-bit float would read 9.999999747378752e-06.
            "rms_norm_eps": .number(Double(String(format: "%.6g", c.normEpsilon)) ?? 1e-6),
            "torch_dtype": .text(dtype == .float32 ? "float32" : "bfloat16"),
        ]
        fields["sliding_window"] = c.window.map { .whole($0.tokens) }
        fields["rope_scaling"] = Self.scaling(c.ropeScaling)
        fields["bos_token_id"] = special.begin.map(Value.ids)
        fields["eos_token_id"] = special.end.map(Value.ids)
        fields["pad_token_id"] = special.padding.map(Value.ids)
        self.fields = fields
    }

    private static func scaling(_ scaling: RopeScaling) -> Value? {
        switch scaling {
        case .none: nil
        case .linear(let factor):
            .table(["rope_type": .text("linear"), "factor": .number(factor)])
        case .llama3(let numbers):
            .table([
                "rope_type": .text("llama3"), "factor": .number(numbers.factor),
                "low_freq_factor": .number(numbers.lowFactor),
                "high_freq_factor": .number(numbers.highFactor),
                "original_max_position_embeddings": .whole(numbers.context),
            ])
        }
    }

    func encode(to encoder: any Encoder) throws { try fields.encode(to: encoder) }
}
