public import RefluxCore

/// Adds the built-in reward models to a registry: the forms and recipes of ``LanguageModelReward``,
/// and ``EnsembleReward`` of any reward models.
///
/// All but `ensemble` read the keys of ``RewardSettings`` that their form has, or `load`, the folder
/// of a saved model (with `micro_batch_tokens` and `precision` at most). `ensemble` reads `members`,
/// `lambda` and `standardise`, or `load` alone.
///
/// - Throws: ``RefluxError`` of kind `usage` when one of the ids is taken.
public func registerRewardModels(in registry: inout ExtensionRegistry) throws {
    let presets: [(id: String, title: String, preset: RewardSettings)] = [
        (
            "language-model", "A language model trained on pairs, with its log-probabilities",
            .languageModel
        ),
        ("pointwise", "The paper's plain recipe: cross-entropy at the last token", .pointwise),
        ("pairwise", "Bradley-Terry alone, with centred scores", .pairwise),
        (
            "implicit", "The log-probability of the response above that under the initial body",
            .implicit
        ),
        ("verdict", "The log-odds of the word Yes when the body is asked", .verdict),
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
    try registry.register(
        .rewardModel, id: "ensemble", title: "The mean of other models minus their disagreement",
        files: { table, context in
            EnsembleSettings.members(of: table).flatMap {
                context.registry.files(.rewardModel, of: $0, context: context)
            }
        },
        make: { reader, context in
            guard let folder = try reader.optionalString("load") else {
                return EnsembleReward(
                    settings: try EnsembleSettings(reader, context: context), context: context)
            }
            return EnsembleReward(saved: folder, context: context)
        })
}
