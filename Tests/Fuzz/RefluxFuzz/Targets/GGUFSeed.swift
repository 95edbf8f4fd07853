/// Small GGUF files.
struct GGUFSeed {
    private var content: [UInt8] = []

    /// A Llama of one layer with a byte-level tokenizer, and tensors of several types.
    static var bytes: [UInt8] { file(tokens: 6) }

    static func file(tokens: Int) -> [UInt8] {
        let texts = ["a", "b", "ab", "Ġ", "<e>", "Ġa"] + (6..<max(6, tokens)).map { "t\($0)" }
        var seed = GGUFSeed()
        seed.texts("tokenizer.ggml.tokens", texts)
        seed.integers("tokenizer.ggml.token_type", texts.indices.map { $0 == 4 ? 3 : 1 })
        seed.texts("tokenizer.ggml.merges", ["a b", "Ġ a"])
        seed.text("tokenizer.ggml.model", "gpt2")
        seed.text("tokenizer.ggml.pre", "llama-bpe")
        return seed.whole(keys: 5)
    }

    /// The same with a tokenizer of characters.
    static var characters: [UInt8] {
        var texts = ["<unk>", "<s>", "</s>"]
        texts += (0..<256).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return "<0x\(digits.count == 1 ? "0" : "")\(digits)>"
        }
        texts += ["a", "b", "ab", "\u{2581}", "\u{2581}a"]
        var seed = GGUFSeed()
        seed.texts("tokenizer.ggml.tokens", texts)
        seed.integers(
            "tokenizer.ggml.token_type",
            texts.indices.map { $0 == 0 ? 2 : $0 < 3 ? 3 : $0 < 259 ? 6 : 1 })
        seed.numbers("tokenizer.ggml.scores", texts.indices.map { -Float($0) })
        seed.text("tokenizer.ggml.model", "llama")
        seed.integer("tokenizer.ggml.bos_token_id", 1)
        return seed.whole(keys: 5)
    }

    private func whole(keys: Int) -> [UInt8] {
        var file = GGUFSeed()
        file.content = Array("GGUF".utf8)
        let tensors: [(String, [UInt64], UInt32, Int)] = [
            ("token_embd.weight", [32, 6], 0, 768), ("blk.0.attn_q.weight", [32, 2], 2, 36),
            ("blk.0.ffn_down.weight", [256], 14, 210), ("output_norm.weight", [32], 30, 64),
        ]
        file.add(UInt32(3))
        file.add(UInt64(tensors.count))
        file.add(UInt64(keys + 9))
        file.content += content
        file.text("general.architecture", "llama")
        for (key, value) in [
            ("block_count", 1), ("context_length", 64), ("embedding_length", 32),
            ("feed_forward_length", 48), ("attention.head_count", 4),
            ("attention.head_count_kv", 2), ("rope.dimension_count", 8),
        ] { file.integer("llama.\(key)", value) }
        file.key("llama.attention.layer_norm_rms_epsilon", 6)
        file.add(Float(1e-5).bitPattern)
        var offset = 0
        for (name, shape, type, bytes) in tensors {
            file.string(name)
            file.add(UInt32(shape.count))
            for size in shape { file.add(size) }
            file.add(type)
            file.add(UInt64(offset))
            offset += (bytes + 31) / 32 * 32
        }
        let gap = (32 - file.content.count % 32) % 32
        return file.content + [UInt8](repeating: 0x11, count: gap + offset)
    }

    private mutating func add<T: FixedWidthInteger>(_ number: T) {
        withUnsafeBytes(of: number.littleEndian) { content += $0 }
    }

    private mutating func string(_ text: String) {
        add(UInt64(text.utf8.count))
        content += text.utf8
    }

    private mutating func key(_ name: String, _ kind: UInt32) {
        string(name)
        add(kind)
    }

    private mutating func text(_ name: String, _ value: String) {
        key(name, 8)
        string(value)
    }

    private mutating func integer(_ name: String, _ value: Int) {
        key(name, 4)
        add(UInt32(value))
    }

    private mutating func list(_ name: String, _ kind: UInt32, _ count: Int) {
        key(name, 9)
        add(kind)
        add(UInt64(count))
    }

    private mutating func texts(_ name: String, _ values: [String]) {
        list(name, 8, values.count)
        for value in values { string(value) }
    }

    private mutating func integers(_ name: String, _ values: [Int]) {
        list(name, 5, values.count)
        for value in values { add(Int32(value)) }
    }

    private mutating func numbers(_ name: String, _ values: [Float]) {
        list(name, 6, values.count)
        for value in values { add(value.bitPattern) }
    }
}
