import RefluxCore

/// The mean and the deviation of the features over the training responses, as the body reads them
/// before it is trained: scores are made of standardised features.
///
/// A sum of log-probabilities grows with the length of the response and with the vocabulary, so a
/// fixed weight of it means something else for every model and task: at 300 tokens it would
/// saturate every loss from the first step. Standardised, a weight is a number of logits for one
/// deviation among the training responses. The scale is measured once, before training, and saved
/// with the model, so that training and scoring agree.
struct FeatureScale: Sendable, Codable, Equatable {
    /// Where a feature lies and how far it spreads.
    struct Spread: Sendable, Codable, Equatable {
        /// The mean.
        var mean: Double
        /// The standard deviation, without Bessel's correction; 1 where all values are equal.
        var deviation: Double

        /// The spread of some values; of none that of ``identity``.
        init(of values: [Double]) {
            guard !values.isEmpty else {
                self = .identity
                return
            }
            let count = Double(values.count)
            let mean = values.reduce(0, +) / count
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let deviation = (squares / count).squareRoot()
            self.init(mean: mean, deviation: deviation > 0 ? deviation : 1)
        }

        init(mean: Double, deviation: Double) {
            self.mean = mean
            self.deviation = deviation
        }

        /// Leaves values as they are.
        static let identity = Spread(mean: 0, deviation: 1)
    }

    /// Of the mean of the log-probabilities.
    var mean: Spread
    /// Of their sum.
    var sum: Spread
    /// Of the smallest log-probability.
    var minimum: Spread

    /// Leaves features as they are: that of a model that was not fitted.
    static let identity = FeatureScale(
        mean: .identity, sum: .identity, minimum: .identity)

    /// The weights of the features as they are read that give the same scores as `weights` give of
    /// the standardised ones.
    func raw(_ weights: FeatureWeights) -> FeatureWeights {
        let mean = weights.mean / mean.deviation
        let sum = weights.sum / sum.deviation
        let minimum = weights.minimum / minimum.deviation
        return FeatureWeights(
            bias: weights.bias - mean * self.mean.mean - sum * self.sum.mean
                - minimum * self.minimum.mean,
            mean: mean, sum: sum, minimum: minimum)
    }

    /// The derivatives by the weights of standardised features, given those by the ``raw(_:)`` ones.
    func gradient(_ raw: FeatureWeights) -> FeatureWeights {
        FeatureWeights(
            bias: raw.bias, mean: (raw.mean - mean.mean * raw.bias) / mean.deviation,
            sum: (raw.sum - sum.mean * raw.bias) / sum.deviation,
            minimum: (raw.minimum - minimum.mean * raw.bias) / minimum.deviation)
    }
}

extension FeatureScale {
    /// The most responses that a scale is measured on: the mean is then known to a thirtieth of the
    /// deviation, and a fit on many responses need not read them all before it begins.
    static let sampleSize = 1024

    /// All elements, or ``sampleSize`` of them that the seed determines.
    static func sample<Element>(of elements: [Element], seed: UInt64) -> [Element] {
        guard elements.count > sampleSize else { return elements }
        var stream = RandomKey(seed: seed, stage: .reward, sample: 3).stream
        return Array(elements.shuffled(using: &stream).prefix(sampleSize))
    }

    /// Measures the scale on responses, or on a random part of them that the seed determines.
    ///
    /// - Parameters:
    ///   - examples: what is learnt from; those without weight are left out.
    ///   - seed: the run's seed.
    ///   - microBatchTokens: the most tokens in memory at once.
    ///   - engine: the body, not trained yet.
    ///   - observer: told of progress.
    /// - Returns: the scale.
    /// - Throws: what the engine throws; `CancellationError` between two micro-batches.
    static func measured(
        on examples: [RewardExample], seed: UInt64, microBatchTokens: Int,
        engine: any LanguageModelEngine, observer: RunObserver = .silent
    ) async throws -> FeatureScale {
        let sample = sample(
            of: examples.filter { $0.target.weight > 0 && $0.target.tokens > 0 }, seed: seed)
        var means: [Double] = []
        var sums: [Double] = []
        var minima: [Double] = []
        for batch in MicroBatches.of(
            sample, limit: microBatchTokens, size: \.tokenCount)
        {
            try Task.checkCancellation()
            let readings = try await engine.logProbabilities(
                of: batch.flatMap(\.sequences), reading: TokenReading())
            for (start, end) in zip(readings.offsets, readings.offsets.dropFirst()) {
                let logs = readings.logProbabilities[start..<end].map(Double.init)
                let sum = logs.reduce(0, +)
                means.append(sum / Double(max(logs.count, 1)))
                sums.append(sum)
                minima.append(logs.min() ?? 0)
            }
            observer.progress(sums.count, sample.count, "responses measured")
        }
        guard (sums + minima).allSatisfy(\.isFinite) else {
            throw RefluxError(
                .numeric, found: "a log-probability of a training response is not finite",
                wanted: "finite ones, to standardise them",
                remedy: "Look at the body: its weights may be damaged.")
        }
        return FeatureScale(
            mean: Spread(of: means), sum: Spread(of: sums), minimum: Spread(of: minima))
    }
}
