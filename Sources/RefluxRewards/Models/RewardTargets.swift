/// What a micro-batch of a reward model is to learn: the rewards of its responses and the pairs among
/// them.
struct RewardTargets: Sendable, Equatable {
    /// The reward and the weight of one response, and its number of tokens.
    struct Item: Sendable, Equatable {
        /// From 0 to 1.
        var reward: Double
        /// The weight in every loss.
        var weight: Double
        /// The response's tokens.
        var tokens: Int
        /// Added to the score: what a reference has to say.
        var offset = 0.0

        /// Whether it counts as accepted.
        var isAccepted: Bool { reward >= 0.5 }
    }

    /// Two responses to one prompt, by their places among the items.
    struct Pair: Sendable, Equatable {
        /// The accepted one.
        var better: Int
        /// The rejected one.
        var worse: Int
    }

    /// The denominators of the losses of one update.
    struct Totals: Sendable, Equatable {
        /// Σ w+ w- over the pairs.
        var pairWeight = 0.0
        /// Σ w over the responses.
        var itemWeight = 0.0
        /// Σ w y n over the accepted responses.
        var acceptedTokens = 0.0

        /// Adds up the micro-batches of an update.
        init(_ parts: [RewardTargets]) {
            for part in parts {
                pairWeight += part.pairs.reduce(0) { $0 + part.weight(of: $1) }
                for item in part.items {
                    itemWeight += item.weight
                    guard item.isAccepted else { continue }
                    acceptedTokens += item.weight * item.reward * Double(item.tokens)
                }
            }
        }
    }

    /// The responses, in the order of the micro-batch's sequences.
    var items: [Item] = []
    /// The pairs.
    var pairs: [Pair] = []

    /// The weight of a pair: the product of its responses' weights.
    func weight(of pair: Pair) -> Double { items[pair.better].weight * items[pair.worse].weight }
}
