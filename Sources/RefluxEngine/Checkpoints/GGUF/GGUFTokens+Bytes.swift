import RefluxCore

/// Byte-level vocabularies. A GGUF file does not hold the pattern by which text is split, only the
/// name of a way that llama.cpp knows.
extension GGUFTokens {
    private struct Way {
        var preTokenizer: [TokenizerFile.Component]
        var composes = false
        var ignoresMerges = false
        var begins = false
    }

    /// The tokenizer of a vocabulary of bytes.
    ///
    /// - Throws: `RefluxError` of kind `input`: the way of splitting is not known, a merge is damaged.
    func byteLevelFile(begin: Int32?) throws -> TokenizerFile {
        let way = try way()
        let beginning = try template(begin: begin, otherwise: way.begins)
        return TokenizerFile(
            addedTokens: addedTokens(),
            normalizer: way.composes ? TokenizerFile.Component(type: "NFC") : nil,
            preTokenizer: .init(type: "Sequence", pretokenizers: way.preTokenizer),
            postProcessor: beginning.map {
                .init(type: "Sequence", processors: [.byteLevel(splits: false), $0])
            } ?? .byteLevel(splits: false),
            decoder: .byteLevel(),
            model: TokenizerFile.Model(
                type: "BPE", vocab: vocabulary([.normal, .control]), merges: try merges(),
                fuseUnknown: false, byteFallback: false, ignoreMerges: way.ignoresMerges))
    }

    private func merges() throws -> TokenizerFile.Merges {
        let key = Self.key("merges")
        let lines = try metadata.required(key, "a list of texts") {
            if case .texts(let lines) = $0 { lines } else { nil }
        }
        return TokenizerFile.Merges(
            try lines.enumerated().map { index, line in
                let parts = line.split(separator: " ", omittingEmptySubsequences: false)
                guard parts.count == 2 else {
                    throw metadata.wrong(
                        key, "merge \(index) has \(parts.count) parts", "2 parts a merge",
                        "The file is damaged; download it again.")
                }
                return (String(parts[0]), String(parts[1]))
            })
    }

    private func way() throws -> Way {
        let key = Self.key("pre")
        let name = try metadata.text(key)
        switch name {
        case "gpt-2": return Way(preTokenizer: [.byteLevel()])
        case "smollm", "starcoder", "refact", "command-r":
            let digits = TokenizerFile.Component(type: "Digits", individualDigits: true)
            return Way(preTokenizer: [digits, .byteLevel()])
        case "qwen2":
            return Way(preTokenizer: Self.split(at: Self.pattern(digits: "")), composes: true)
        case "llama-bpe", "llama3", "llama-v3":
            return Way(
                preTokenizer: Self.split(at: Self.pattern(digits: "{1,3}")), ignoresMerges: true,
                begins: true)
        default:
            throw metadata.wrong(
                key, name.map { "the way of splitting \"\($0)\"" } ?? "nothing",
                "gpt-2, llama-bpe, qwen2 or smollm",
                "Use the model as a Hugging Face folder, whose tokenizer.json holds the pattern.")
        }
    }

    /// The pattern that GPT-4's tokenizer made known (github.com/openai/tiktoken, cl100k_base), with
    /// so many digits in a piece: Llama 3 takes up to three, Qwen2 one.
    private static func pattern(digits: String) -> String {
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"# + digits
            + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }

    private static func split(at pattern: String) -> [TokenizerFile.Component] {
        [
            .init(
                type: "Split", pattern: .init(regex: pattern), behavior: "Isolated", invert: false),
            .byteLevel(splits: false),
        ]
    }
}
