import RefluxCore

/// The models behind a score.
struct RewardBodies: Sendable {
    /// The body.
    let engine: any LanguageModelEngine
    /// The frozen body that an implicit score is measured against.
    let reference: (any LanguageModelEngine)?

    /// What the reference adds to the scores of responses: minus what it would score them itself,
    /// or 0 without one.
    ///
    /// - Parameters:
    ///   - sequences: those of all the responses.
    ///   - reader: makes the scores.
    /// - Returns: one number a response.
    /// - Throws: what the engine throws.
    func offsets(of sequences: [TokenSequence], reader: ItemReader) async throws -> [Double] {
        guard let reference, case .sums(let sums) = reader else {
            return [Double](repeating: 0, count: sequences.count / reader.sequencesPerItem)
        }
        let readings = try await reference.logProbabilities(
            of: sequences, reading: TokenReading())
        return reader.items(of: readings).map { -sums.sum($0, in: readings) }
    }

    /// Scores responses.
    ///
    /// - Parameters:
    ///   - batch: the sequences of each.
    ///   - settings: what a score is made of.
    ///   - weights: the weights of the features as they are read.
    /// - Returns: one score a response.
    /// - Throws: what an engine throws.
    func score(
        _ batch: [[TokenSequence]], settings: RewardSettings, weights: FeatureWeights
    ) async throws -> [Double] {
        let reader = ItemReader(settings)
        let sequences = batch.flatMap(\.self)
        let offsets = try await offsets(of: sequences, reader: reader)
        let readings = try await engine.logProbabilities(of: sequences, reading: settings.tokens)
        return zip(reader.items(of: readings), offsets).map { item, offset in
            let logits = reader.logits(of: item, in: readings, weights: weights, offset: offset)
            return logits[logits.count - 1]
        }
    }
}

extension RewardSettings {
    /// Whether scores need a scalar head.
    var hasHead: Bool { form == .features && features.contains(.hidden) }

    /// Whether scores are measured against the initial body.
    var hasReference: Bool {
        if case .implicit(let score) = form { score.reference } else { false }
    }

    /// How the body is asked for a verdict, where it gives one.
    var verdictPrompt: VerdictPrompt? {
        if case .verdict(let prompt) = form { prompt } else { nil }
    }

    /// What the engine is to read of the tokens of a response.
    var tokens: TokenReading { TokenReading(head: hasHead ? .afterToken : nil) }
}
