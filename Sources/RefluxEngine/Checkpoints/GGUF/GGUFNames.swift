/// The names of tensors in GGUF files beside those of Hugging Face checkpoints.
enum GGUFNames {
    static let embedding = "token_embd.weight"
    static let head = "output.weight"
    static let frequencyFactors = "rope_freqs.weight"

    private static let parts = [
        "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
        "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
        "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
        "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down",
    ]

    /// `model.layers.3.self_attn.q_proj.weight` gives `blk.3.attn_q.weight`.
    static func name(of parameter: String) -> String {
        switch parameter {
        case "model.embed_tokens.weight": return embedding
        case "model.norm.weight": return "output_norm.weight"
        case "lm_head.weight": return head
        default: break
        }
        let words = parameter.split(separator: ".").map(String.init)
        guard words.count >= 5, let part = parts[words[3..<words.count - 1].joined(separator: ".")]
        else { return parameter }
        return "blk.\(words[2]).\(part).\(words[words.count - 1])"
    }
}
