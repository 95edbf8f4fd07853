import Foundation
import RefluxCore
import RefluxFiles
import Testing

@testable import RefluxEngine

struct CheckpointConfigTests {
    private let llama: [String: Any] = [
        "architectures": ["LlamaForCausalLM"], "hidden_size": 64, "intermediate_size": 96,
        "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2,
        "max_position_embeddings": 128, "vocab_size": 300, "rms_norm_eps": 1e-5,
        "rope_theta": 50000, "tie_word_embeddings": true,
    ]

    private func read(_ fields: [String: Any], in folder: String) throws -> ModelConfiguration {
        let path = "\(folder)/config.json"
        try Files.writeAtomically(JSONSerialization.data(withJSONObject: fields), to: path)
        return try ConfigFile.read(path).model
    }

    @Test func readsLlama() async throws {
        try await withTemporaryFolder { folder in
            let model = try read(llama, in: folder)
            #expect(
                model
                    == ModelConfiguration(
                        family: .llama, layers: 3, width: 64, heads: 4, keyValueHeads: 2,
                        headWidth: 16, feedForward: 96, vocabularySize: 300, contextLength: 128,
                        ropeBase: 50000, normEpsilon: 1e-5, tiedEmbeddings: true,
                        attentionBias: false))
        }
    }

    @Test func readsQwen2AndTheKeysOfTransformers5() async throws {
        try await withTemporaryFolder { folder in
            var fields = llama
            fields["architectures"] = ["Qwen2ForCausalLM"]
            fields["rope_theta"] = nil
            fields["rope_parameters"] = ["rope_theta": 1e6, "rope_type": "default"]
            fields["use_sliding_window"] = false
            fields["sliding_window"] = 32768
            fields["tie_word_embeddings"] = nil
            let model = try read(fields, in: folder)
            #expect(model.family == .qwen2 && model.attentionBias && !model.tiedEmbeddings)
            #expect(model.ropeBase == 1e6)
        }
    }

    @Test func readsQwen3WithoutBiases() async throws {
        try await withTemporaryFolder { folder in
            var fields = llama
            fields["architectures"] = ["Qwen3ForCausalLM"]
            fields["head_dim"] = 32
            let model = try read(fields, in: folder)
            #expect(model.family == .qwen3 && model.headNorms && !model.attentionBias)
            #expect(model.headWidth == 32 && model.queryWidth == 128)
        }
    }

    @Test func aMistralComputesUpToItsWindow() async throws {
        try await withTemporaryFolder { folder in
            var fields = llama
            fields["architectures"] = ["MistralForCausalLM"]
            fields["sliding_window"] = 48
            let model = try read(fields, in: folder)
            #expect(model.contextLength == 48)
            #expect(model.window == .init(tokens: 48, positions: 128))
            for wide: Any in [128, 4096, NSNull()] {
                fields["sliding_window"] = wide
                let whole = try read(fields, in: folder)
                #expect(whole.contextLength == 128 && whole.window == nil)
            }
        }
    }

    @Test func readsRotaryScaling() async throws {
        try await withTemporaryFolder { folder in
            var fields = llama
            let llama3: [String: Any] = [
                "rope_type": "llama3", "factor": 32, "low_freq_factor": 1, "high_freq_factor": 4,
                "original_max_position_embeddings": 8192,
            ]
            let wanted = RopeScaling.llama3(
                .init(factor: 32, lowFactor: 1, highFactor: 4, context: 8192))
            fields["rope_scaling"] = llama3
            let scaling = try read(fields, in: folder).ropeScaling
            #expect(scaling == wanted)
            fields["rope_scaling"] = nil
            fields["rope_parameters"] = llama3
            let other = try read(fields, in: folder).ropeScaling
            #expect(other == wanted)
            fields["rope_parameters"] = ["type": "linear", "factor": 2.5]
            let linear = try read(fields, in: folder).ropeScaling
            #expect(linear == .linear(factor: 2.5))
        }
    }

    private static let wrongScaling: [(String, String)] = [
        (
            #"{"rope_type":"linear"}"#,
            "rope_scaling.factor: no number; wanted a number from 1.0 to 1000000.0."
        ),
        (
            #"{"rope_type":"linear","factor":0.5}"#,
            "rope_scaling.factor: 0.5; wanted a number from 1.0 to 1000000.0."
        ),
        (
            #"{"rope_type":"llama3","factor":8,"low_freq_factor":4,"high_freq_factor":4}"#,
            "rope_scaling.high_freq_factor: 4.0; wanted more than low_freq_factor (4.0)."
        ),
        (
            #"{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4}"#,
            "rope_scaling.original_max_position_embeddings: 0; wanted 1 to 16777216."
        ),
    ]

    @Test(arguments: wrongScaling)
    func wrongScalingIsNamed(_ json: String, _ error: String) async throws {
        try await withTemporaryFolder { folder in
            var fields = llama
            fields["rope_scaling"] = try JSONSerialization.jsonObject(with: Data(json.utf8))
            #expect(
                message(in: folder) { _ = try read(fields, in: folder) }
                    == "F/config.json: \(error)" + Self.other)
        }
    }

    private static let other = " Choose another model, or correct the file."
    private static let wrong: [(String, String, String)] = [
        (
            "architectures", #"["GPT2LMHeadModel"]"#,
            "the architecture \"GPT2LMHeadModel\"; wanted LlamaForCausalLM, MistralForCausalLM, "
                + "Qwen2ForCausalLM, Qwen3ForCausalLM. Choose a model of one of these families."
        ),
        (
            "rope_scaling", #"{"type":"yarn","factor":2}"#,
            "rotary scaling of type \"yarn\"; wanted default, linear or llama3. Choose a model "
                + "without this scaling, or remove it if you stay within the context of "
                + "pretraining."
        ),
        ("num_attention_heads", "5", "5 heads; wanted a divisor of hidden_size (64)." + other),
        ("num_attention_heads", "0", "0; wanted 1 to 4096." + other),
        (
            "num_key_value_heads", "3",
            "3 heads for keys; wanted a divisor of num_attention_heads, which is 4." + other
        ),
        ("head_dim", "15", "heads of width 15; wanted an even width." + other),
        ("hidden_size", "-64", "-64; wanted 1 to 131072." + other),
        (
            "intermediate_size", "9223372036854775807",
            "9223372036854775807; wanted 1 to 1048576." + other
        ),
        ("hidden_act", "\"gelu\"", "the activation \"gelu\"; wanted silu." + other),
        ("attention_bias", "true", "true; wanted false." + other),
        ("rms_norm_eps", "0", "0.0; wanted a number between 0 and 1." + other),
        ("rope_theta", "0", "0.0; wanted at least 1." + other),
        ("sliding_window", "4096", "sliding-window attention; wanted full attention." + other),
        (
            "quantization_config", #"{"bits":4}"#,
            "quantised weights; wanted F32, F16 or BF16 weights. "
                + "Choose the original model, not a quantised copy."
        ),
    ]

    @Test(arguments: wrong)
    func aWrongValueIsNamed(_ key: String, _ json: String, _ error: String) async throws {
        try await withTemporaryFolder { folder in
            var fields = llama
            fields[key] = try JSONSerialization.jsonObject(
                with: Data(json.utf8), options: .fragmentsAllowed)
            #expect(
                message(in: folder) { _ = try read(fields, in: folder) }
                    == "F/config.json: \(key): \(error)")
        }
    }

    @Test func aMissingKeyAndAWrongTypeAreNamed() async throws {
        try await withTemporaryFolder { folder in
            var fields = llama
            fields["hidden_size"] = nil
            #expect(
                message(in: folder) { _ = try read(fields, in: folder) }
                    .hasPrefix("F/config.json: no field \"hidden_size\"."))
            fields["hidden_size"] = "64"
            #expect(
                message(in: folder) { _ = try read(fields, in: folder) }
                    == "F/config.json: field \"hidden_size\" is a text; wanted a whole number.")
        }
    }
}
