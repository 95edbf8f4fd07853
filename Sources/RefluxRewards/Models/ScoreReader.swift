import RefluxCore

/// Makes scores of what was read of a response, and takes derivatives back the same way.
///
/// With v_t the head's values and l_t the log-probabilities of n tokens:
/// - `last`: z = bias + v_n + a Σ l / n + b Σ l + c min l
/// - `pooled`: z = bias + Σ v / n + a Σ l / n + b Σ l + c min l
/// - `tokens`: z_t for every t, the same as `last` of the first t tokens; the score is z_n
///
/// The weights are those of the features as they are read (``FeatureScale/raw(_:)``).
/// A response without tokens, which only a tokenizer without an end token can yield, scores the bias.
struct ScoreReader: Sendable, Equatable {
    /// Where scores are read.
    var reading: RewardSettings.Reading
    /// Whether the head's values are used.
    var usesHidden: Bool
    /// Whether the log-probabilities are used.
    var usesLogProbabilities: Bool

    /// The logits that a loss asks about: one, or with `tokens` one a token. The last is the score.
    func logits(
        of tokens: Range<Int>, in readings: TokenReadings, weights: FeatureWeights
    ) -> [Double] {
        guard !tokens.isEmpty else { return [weights.bias] }
        var logits: [Double] = []
        var values = 0.0
        var sum = 0.0
        var minimum = Double.infinity
        for token in tokens {
            let value = usesHidden ? Double(readings.headValues[token]) : 0
            let logProbability = Double(readings.logProbabilities[token])
            values += value
            sum += logProbability
            minimum = min(minimum, logProbability)
            guard reading == .tokens || token == tokens.upperBound - 1 else { continue }
            let head = reading == .pooled ? values / Double(tokens.count) : value
            logits.append(head + weights.bias)
            guard usesLogProbabilities else { continue }
            let mean = sum / Double(token - tokens.lowerBound + 1)
            logits[logits.count - 1] +=
                weights.mean * mean + weights.sum * sum + weights.minimum * minimum
        }
        return logits
    }

    /// Adds the derivatives of a loss by everything the logits depend on.
    ///
    /// - Parameters:
    ///   - derivatives: d loss / d logit, as many as ``logits(of:in:weights:)`` gave.
    ///   - tokens: the response's tokens.
    ///   - readings: what was read.
    ///   - weights: the weights of the features.
    ///   - gradient: where to add.
    func addGradient(
        of derivatives: [Double], tokens: Range<Int>, in readings: TokenReadings,
        weights: FeatureWeights, to gradient: inout RewardGradient
    ) {
        gradient.byWeights.bias += derivatives.reduce(0, +)
        guard !tokens.isEmpty else { return }
        if usesHidden { addHead(derivatives, tokens, to: &gradient) }
        if usesLogProbabilities {
            addFeatures(derivatives, tokens, in: readings, weights: weights, to: &gradient)
        }
    }

    private func addHead(
        _ derivatives: [Double], _ tokens: Range<Int>, to gradient: inout RewardGradient
    ) {
        switch reading {
        case .last: gradient.byHeadValue[tokens.upperBound - 1] += derivatives[0]
        case .pooled:
            for token in tokens {
                gradient.byHeadValue[token] += derivatives[0] / Double(tokens.count)
            }
        case .tokens:
            for (token, derivative) in Swift.zip(tokens, derivatives) {
                gradient.byHeadValue[token] += derivative
            }
        }
    }

    /// Goes through the tokens once, forward, for what the weights get, and once backward: a token
    /// is part of the sums of all later logits.
    private func addFeatures(
        _ derivatives: [Double], _ tokens: Range<Int>, in readings: TokenReadings,
        weights: FeatureWeights, to gradient: inout RewardGradient
    ) {
        let first = tokens.lowerBound
        var sum = 0.0
        var smallest = first
        for token in tokens {
            sum += Double(readings.logProbabilities[token])
            if readings.logProbabilities[token] < readings.logProbabilities[smallest] {
                smallest = token
            }
            guard reading == .tokens || token == tokens.upperBound - 1 else { continue }
            let derivative = derivatives[reading == .tokens ? token - first : 0]
            gradient.byWeights.mean += derivative * sum / Double(token - first + 1)
            gradient.byWeights.sum += derivative * sum
            gradient.byWeights.minimum +=
                derivative * Double(readings.logProbabilities[smallest])
            gradient.byLogProbability[smallest] += derivative * weights.minimum
        }
        var later = 0.0
        for token in tokens.reversed() {
            if reading == .tokens || token == tokens.upperBound - 1 {
                let derivative = derivatives[reading == .tokens ? token - first : 0]
                later += derivative * (weights.sum + weights.mean / Double(token - first + 1))
            }
            gradient.byLogProbability[token] += later
        }
    }
}

/// Derivatives of a loss by what was read of a batch and by the weights of the features.
struct RewardGradient: Sendable, Equatable {
    /// d loss / d log p. `[tokens]`
    var byLogProbability: [Double]
    /// d loss / d head value; empty where no head was read. `[tokens]`
    var byHeadValue: [Double]
    /// d loss / d weight.
    var byWeights = FeatureWeights.zero

    /// Zeros, as many as there are readings of each kind.
    init(zerosFor readings: TokenReadings) {
        byLogProbability = [Double](repeating: 0, count: readings.logProbabilities.count)
        byHeadValue = [Double](repeating: 0, count: readings.headValues.count)
    }
}
