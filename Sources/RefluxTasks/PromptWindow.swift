import RefluxCore
import Synchronization

/// How many tokens a few-shot prompt may have, by the tokenizer of some model: the rule by which
/// MMLU-Pro's own script leaves out examples (fewer than 4,096 - 2,048 tokens).
final class PromptWindow: Sendable {
    private let model: String
    private let limit: Int
    private let provider: any LanguageModelProvider
    private let tokenizer = Mutex<(any Tokenizer)?>(nil)

    /// Reads the keys `shot_tokenizer`, a model's role or path, and `shot_tokens`; `nil` without the
    /// former.
    init?(_ reader: ConfigurationReader, context: BuildContext) throws {
        let model = try reader.optionalString("shot_tokenizer")
        limit = try reader.int("shot_tokens", default: 2048, in: 1...1_048_576)
        provider = context.models
        self.model = model.map(context.modelPath) ?? ""
        if model == nil { return nil }
    }

    /// The prompt with as many examples, from the first, as fit; without any it need not.
    func fitting(
        _ shots: [Example], _ content: ([Example]) -> Prompt.Content
    ) throws -> Prompt.Content {
        for count in stride(from: shots.count, to: 0, by: -1) {
            let filled = content(Array(shots.prefix(count)))
            if try holds(filled) { return filled }
        }
        return content([])
    }

    /// Whether a prompt has fewer tokens than the limit.
    private func holds(_ content: Prompt.Content) throws -> Bool {
        let tokenizer = try tokenizer.withLock { kept in
            if let kept { return kept }
            let opened = try provider.tokenizer(model)
            kept = opened
            return opened
        }
        return try tokenizer.encode(content).count < limit
    }
}
