import RefluxCore

/// What makes up one step of supervised training.
enum BatchSize: Sendable, Equatable {
    /// A number of sequences.
    case sequences(Int)
    /// As many sequences as fit into a number of tokens, one at least.
    case tokens(Int)
}

/// Which sequences every step of a training run takes: a pure function of the seed, so that a run
/// can be gone on with from its step number alone.
struct BatchPlan: Sendable, Equatable {
    /// The sequences of each step, as indexes. `[steps][sequences of the step]`
    let batches: [[Int]]

    /// Goes through the sequences in a new order every epoch.
    ///
    /// - Parameters:
    ///   - lengths: the tokens of each sequence.
    ///   - size: what makes up a step; the last step of an epoch takes what is left.
    ///   - epochs: how often to go through them; `nil` is until `steps` are planned.
    ///   - steps: the most steps; `nil` has no limit.
    ///   - seed: the run's seed.
    ///   - stage: the stage whose random numbers give the orders.
    init(
        lengths: [Int], size: BatchSize, epochs: Int? = nil, steps: Int? = nil, seed: UInt64,
        stage: RandomKey.Stage
    ) {
        var batches: [[Int]] = []
        var epoch = 0
        let most = steps ?? (epochs == nil ? 0 : Int.max)
        while !lengths.isEmpty, epoch < epochs ?? Int.max, batches.count < most {
            // Sample 1: sample 0 of `prepare` draws the initial weights, tensor by tensor.
            var stream = RandomKey(seed: seed, stage: stage, step: epoch, sample: 1).stream
            let order = lengths.indices.shuffled(using: &stream)
            batches += Self.split(order, lengths: lengths, size: size)
            epoch += 1
        }
        self.batches = Array(batches.prefix(most))
    }

    private static func split(_ order: [Int], lengths: [Int], size: BatchSize) -> [[Int]] {
        switch size {
        case .sequences(let count):
            return order.chunks(of: count).map(Array.init)
        case .tokens(let limit):
            var result: [[Int]] = []
            var tokens = limit
            for index in order {
                if tokens + lengths[index] > limit {
                    result.append([])
                    tokens = 0
                }
                result[result.count - 1].append(index)
                tokens += lengths[index]
            }
            return result
        }
    }
}
