public import RefluxCore

/// Adds the built-in reward models to a registry: `language-model`, the recipe that was measured to
/// work, and `pointwise`, the same model with the paper's plain recipe as its defaults.
///
/// Both read the keys of ``RewardSettings``, or `load`, the folder of a saved model (with
/// `micro_batch_tokens` and `precision` at most).
///
/// - Throws: ``RefluxError`` of kind `usage` when one of the ids is taken.
public func registerRewardModels(in registry: inout ExtensionRegistry) throws {
    let presets: [(id: String, title: String, preset: RewardSettings)] = [
        (
            "language-model", "A language model trained on pairs, with its log-probabilities",
            .languageModel
        ),
        ("pointwise", "The paper's plain recipe: cross-entropy at the last token", .pointwise),
    ]
    for entry in presets {
        try registry.register(.rewardModel, id: entry.id, title: entry.title) { reader, context in
            guard let folder = try reader.optionalString("load") else {
                return LanguageModelReward(
                    settings: try RewardSettings(reader, preset: entry.preset), context: context)
            }
            var settings = entry.preset
            try settings.readMemory(reader)
            return LanguageModelReward.load(
                folder, context: context,
                microBatchTokens: reader.contains("micro_batch_tokens")
                    ? settings.microBatchTokens : nil,
                precision: settings.precision)
        }
    }
}
