import RefluxCore

/// Makes the scores of responses, whatever their form.
enum ItemReader: Sendable, Equatable {
    /// A head and features; one sequence a response.
    case features(ScoreReader)
    /// Sums of log-probabilities.
    case sums(SumReader)

    /// Takes what matters here from the settings.
    init(_ settings: RewardSettings) {
        switch settings.form {
        case .features:
            self = .features(
                ScoreReader(
                    reading: settings.reading, usesHidden: settings.features.contains(.hidden),
                    usesLogProbabilities: settings.features.contains(.logProbabilities)))
        case .implicit(let score): self = .sums(SumReader(implicit: score))
        case .verdict: self = .sums(SumReader())
        }
    }

    /// Sequences that the engine reads for one response.
    var sequencesPerItem: Int {
        switch self {
        case .features: 1
        case .sums(let reader): reader.sequencesPerItem
        }
    }

    /// Whether log-probabilities are features with weights of their own.
    var weighsLogProbabilities: Bool {
        if case .features(let reader) = self { reader.usesLogProbabilities } else { false }
    }

    /// The places in the readings of the sequences of every response.
    func items(of readings: TokenReadings) -> [ArraySlice<Range<Int>>] {
        let sequences = zip(readings.offsets, readings.offsets.dropFirst()).map { $0..<$1 }
        return stride(from: 0, to: sequences.count, by: sequencesPerItem).map {
            sequences[$0..<$0 + sequencesPerItem]
        }
    }

    /// The logits that a loss asks about; the last is the score.
    ///
    /// - Parameters:
    ///   - item: one of ``items(of:)``.
    ///   - readings: what was read.
    ///   - weights: the weights of the features as they are read.
    ///   - offset: what a reference adds.
    /// - Returns: the logits, at least one.
    func logits(
        of item: ArraySlice<Range<Int>>, in readings: TokenReadings, weights: FeatureWeights,
        offset: Double
    ) -> [Double] {
        switch self {
        case .features(let reader):
            reader.logits(of: item[item.startIndex], in: readings, weights: weights)
        case .sums(let reader): [weights.bias + reader.sum(item, in: readings) + offset]
        }
    }

    /// Adds the derivatives of a loss by everything the logits depend on.
    ///
    /// - Parameters:
    ///   - derivatives: d loss / d logit, as many as there are logits.
    ///   - item: one of ``items(of:)``.
    ///   - readings: what was read.
    ///   - weights: the weights of the features as they are read.
    ///   - gradient: where to add.
    func addGradient(
        of derivatives: [Double], item: ArraySlice<Range<Int>>, in readings: TokenReadings,
        weights: FeatureWeights, to gradient: inout RewardGradient
    ) {
        switch self {
        case .features(let reader):
            reader.addGradient(
                of: derivatives, tokens: item[item.startIndex], in: readings, weights: weights,
                to: &gradient)
        case .sums(let reader):
            reader.addGradient(of: derivatives.reduce(0, +), item, to: &gradient)
        }
    }
}
