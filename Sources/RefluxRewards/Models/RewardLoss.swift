import Foundation
import RefluxCore

/// The loss of a reward model on what an engine read of a micro-batch, with all its derivatives: a
/// pure function, which the closure of `accumulateGradient` calls.
///
///     pairs     * Σ w (-log sigmoid(z+ - z- - margin) + centre (z+ + z-)^2) / Σ w
///     pointwise * Σ w mean_t(-y log sigmoid(z_t) - (1 - y) log sigmoid(-z_t)) / Σ w
///     language  * Σ w y (-Σ_t log p_t) / Σ w y n        over accepted responses (y >= 1/2)
///     language  * Σ w (-y log p(accept) - (1 - y) log p(reject)) / Σ w              of verdicts
///
/// where the first sum is over pairs with w = w+ w-, the others over responses, and the denominators
/// are those of the whole update: shares of micro-batches add up. (Bradley-Terry with the centring
/// of Eisenstein et al., arXiv 2312.09244; language-modelling loss: Cobbe et al., arXiv 2110.14168.)
struct RewardLoss: Sendable {
    /// Makes the scores.
    var reader: ItemReader
    /// The weight of the pair loss.
    var pairs: Double
    /// See the settings.
    var margin: Double
    /// See the settings.
    var centre: Double
    /// The weight of the pointwise loss.
    var pointwise: Double
    /// The weight of the language-modelling loss.
    var languageModel: Double

    /// Takes what matters here from the settings.
    init(_ settings: RewardSettings) {
        reader = ItemReader(settings)
        pairs = settings.pairs
        margin = settings.margin
        centre = settings.centre
        pointwise = settings.pointwise
        languageModel = settings.languageModel
    }

    /// A micro-batch's share of the loss and of the metrics, and the derivatives.
    struct Result: Sendable {
        /// The loss.
        var value = 0.0
        /// The derivatives.
        var gradient: RewardGradient
        /// `pair_loss`, `pair_accuracy`, `pointwise_loss`, `language_model_loss`: before the weights.
        var metrics: [String: Double] = [:]

        /// The derivatives as engines take them.
        var tokenGradients: TokenGradients {
            TokenGradients(
                loss: value, byLogProbability: gradient.byLogProbability.map { Float($0) },
                byHeadValue: gradient.byHeadValue.map { Float($0) })
        }

        mutating func add(_ name: String, _ share: Double, weight: Double = 0) {
            value += weight * share
            metrics[name, default: 0] += share
        }
    }

    /// Evaluates the loss.
    ///
    /// - Parameters:
    ///   - readings: what the engine read; the sequences of as many responses as the targets have.
    ///   - targets: rewards and pairs of the micro-batch.
    ///   - totals: the denominators of the update.
    ///   - weights: the weights of the features.
    /// - Returns: the micro-batch's share and its derivatives.
    func evaluate(
        _ readings: TokenReadings, targets: RewardTargets, totals: RewardTargets.Totals,
        weights: FeatureWeights
    ) -> Result {
        var result = Result(gradient: RewardGradient(zerosFor: readings))
        let items = reader.items(of: readings)
        let logits = Swift.zip(items, targets.items).map { item, target in
            reader.logits(of: item, in: readings, weights: weights, offset: target.offset)
        }
        var derivatives = logits.map { $0.map { _ in 0.0 } }
        if pairs > 0 { addPairs(targets, totals, logits, &derivatives, &result) }
        if pointwise > 0 { addPointwise(targets, totals, logits, &derivatives, &result) }
        for (item, derivatives) in Swift.zip(items, derivatives) {
            reader.addGradient(
                of: derivatives, item: item, in: readings, weights: weights, to: &result.gradient)
        }
        guard languageModel > 0 else { return result }
        if reader.sequencesPerItem == 1 {
            addLanguageModel(targets, totals, items.flatMap(\.self), readings, &result)
        } else {
            addVerdicts(targets, totals, items, readings, &result)
        }
        return result
    }

    private func addPairs(
        _ targets: RewardTargets, _ totals: RewardTargets.Totals, _ logits: [[Double]],
        _ derivatives: inout [[Double]], _ result: inout Result
    ) {
        for pair in targets.pairs {
            let better = logits[pair.better].count - 1
            let worse = logits[pair.worse].count - 1
            let (high, low) = (logits[pair.better][better], logits[pair.worse][worse])
            let share = targets.weight(of: pair) / totals.pairWeight
            let lead = high - low - margin
            let sum = high + low
            result.add(
                "pair_loss", share * (softplus(-lead) + centre * sum * sum), weight: pairs)
            result.add("pair_accuracy", share * (high > low ? 1 : high == low ? 0.5 : 0))
            let pull = -sigmoid(-lead)
            derivatives[pair.better][better] += pairs * share * (pull + 2 * centre * sum)
            derivatives[pair.worse][worse] += pairs * share * (2 * centre * sum - pull)
        }
    }

    private func addPointwise(
        _ targets: RewardTargets, _ totals: RewardTargets.Totals, _ logits: [[Double]],
        _ derivatives: inout [[Double]], _ result: inout Result
    ) {
        for (index, target) in targets.items.enumerated() {
            let share = target.weight / (totals.itemWeight * Double(logits[index].count))
            for (place, logit) in logits[index].enumerated() {
                result.add(
                    "pointwise_loss", share * (softplus(logit) - target.reward * logit),
                    weight: pointwise)
                derivatives[index][place] += pointwise * share * (sigmoid(logit) - target.reward)
            }
        }
    }

    private func addLanguageModel(
        _ targets: RewardTargets, _ totals: RewardTargets.Totals, _ tokens: [Range<Int>],
        _ readings: TokenReadings, _ result: inout Result
    ) {
        guard totals.acceptedTokens > 0 else { return }
        for (range, target) in Swift.zip(tokens, targets.items) where target.isAccepted {
            let share = target.weight * target.reward / totals.acceptedTokens
            for token in range {
                result.add(
                    "language_model_loss", -share * Double(readings.logProbabilities[token]),
                    weight: languageModel)
                result.gradient.byLogProbability[token] -= languageModel * share
            }
        }
    }
}

extension RewardLoss {
    /// The cross-entropy of the right verdict over the whole vocabulary.
    private func addVerdicts(
        _ targets: RewardTargets, _ totals: RewardTargets.Totals,
        _ items: [ArraySlice<Range<Int>>], _ readings: TokenReadings, _ result: inout Result
    ) {
        for (words, target) in Swift.zip(items, targets.items) {
            let shares = [target.reward, 1 - target.reward].map {
                $0 * target.weight / totals.itemWeight
            }
            for (word, share) in Swift.zip(words, shares) where share > 0 {
                for token in word {
                    result.add(
                        "language_model_loss", -share * Double(readings.logProbabilities[token]),
                        weight: languageModel)
                    result.gradient.byLogProbability[token] -= languageModel * share
                }
            }
        }
    }
}

/// log(1 + e^x) without overflow.
func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

/// 1 / (1 + e^-x).
func sigmoid(_ x: Double) -> Double { x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x)) }
