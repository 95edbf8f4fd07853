package import RefluxCore

/// The body of a reward model as it was before any training: what its log-probabilities alone say of
/// responses is the baseline that a trained model has to beat.
package struct UntrainedBody: Sendable {
    /// What the body says of one response.
    package struct Reading: Sendable, Equatable {
        /// The mean log-probability of its tokens; 0 for a response without tokens.
        package var meanLogProbability: Double
        /// Its tokens, the token of the end included.
        package var tokens: Int
    }

    private let engine: any LanguageModelEngine
    private let encoder: RewardEncoder
    private let microBatchTokens: Int

    /// Opens the body that the section of a reward model names, to read responses exactly as that
    /// model does.
    ///
    /// - Parameters:
    ///   - section: the keys of ``RewardSettings``; others do not matter.
    ///   - context: opens models.
    /// - Throws: ``RefluxError`` of kind `usage` where the section names no body, else as the engine.
    package init(section: ConfigurationNode, context: BuildContext) async throws {
        let reader = try ConfigurationReader(section)
        guard reader.contains("body") else {
            throw RefluxError(
                .usage, found: "the reward model has no body", at: section.location,
                wanted: "one of the built-in reward models",
                remedy: "Leave the baseline of the body out.")
        }
        let settings = try RewardSettings(reader, preset: .languageModel)
        engine = try await context.models.open(
            context.modelPath(settings.body),
            options: ModelOptions(
                precision: settings.precision ?? context.precision, seed: context.seed))
        encoder = RewardEncoder(
            tokenizer: engine.tokenizer, contextLength: engine.info.contextLength,
            maxTokens: settings.maxTokens)
        microBatchTokens = settings.microBatchTokens
    }

    /// Reads responses.
    ///
    /// - Returns: one reading for each item, in order.
    /// - Throws: ``RefluxError`` of kind `input` for a prompt that does not fit.
    package func read(_ items: [ScoringItem]) async throws -> [Reading] {
        var result: [Reading] = []
        let sequences = try items.map { try encoder.encodeResponse(of: $0) }
        for batch in MicroBatches.of(sequences, limit: microBatchTokens, size: \.tokens.count) {
            let read = try await engine.logProbabilities(of: batch, reading: TokenReading())
            result += zip(read.offsets, read.offsets.dropFirst()).map { start, end in
                let sum = read.logProbabilities[start..<end].reduce(0) { $0 + Double($1) }
                return Reading(
                    meanLogProbability: end > start ? sum / Double(end - start) : 0,
                    tokens: end - start)
            }
        }
        return result
    }
}
