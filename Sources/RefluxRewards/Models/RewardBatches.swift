import RefluxCore

/// Draws the batches of a reward model's training.
///
/// With a pair loss a batch has pairs: prompts that have an accepted and a rejected response (reward
/// at least 1/2, or less) and a random one of each. Without, it has single responses. Prompts (or
/// responses) are gone through in random order, each once before any comes again. A batch is a
/// function of the seed and the step alone.
struct RewardBatches: Sendable {
    /// Responses that go to the engine together: a pair or a single one.
    private typealias Unit = [RewardExample]

    /// A micro-batch.
    struct Part: Sendable {
        /// What the engine reads.
        var sequences: [TokenSequence] = []
        /// What is to be learnt from it.
        var targets = RewardTargets()
    }

    private struct Contrast: Sendable {
        var accepted: [RewardExample]
        var rejected: [RewardExample]
    }

    private let contrasts: [Contrast]
    private let singles: [RewardExample]
    private let usesPairs: Bool
    private let seed: UInt64
    private let batchPairs: Int
    private let microBatchTokens: Int
    private var order: (pass: Int, places: [Int]) = (-1, [])

    /// Prepares batches.
    ///
    /// - Parameters:
    ///   - groups: the labelled responses of each prompt.
    ///   - settings: sizes, and whether there is a pair loss.
    ///   - seed: the run's seed.
    /// - Throws: ``RefluxError`` of kind `refused` when there is nothing to learn from.
    init(_ groups: [[RewardExample]], settings: RewardSettings, seed: UInt64) throws {
        usesPairs = settings.pairs > 0
        let groups = groups.map { $0.filter { $0.target.weight > 0 } }
        contrasts = usesPairs ? groups.compactMap(Self.contrast) : []
        singles = usesPairs ? [] : groups.flatMap(\.self)
        self.seed = seed
        batchPairs = settings.batchPairs
        microBatchTokens = settings.microBatchTokens
        guard count > 0 else {
            throw RefluxError(
                .refused,
                found: usesPairs
                    ? "none of \(groups.count) prompts has both an accepted and a rejected response"
                    : "there is no labelled response",
                wanted: "something to learn from",
                remedy: "Draw more responses at a higher temperature, or lower the label's "
                    + "thresholds.")
        }
    }

    /// Prompts with a contrast, or single responses.
    var count: Int { usesPairs ? contrasts.count : singles.count }

    /// Units in an update.
    var unitsPerStep: Int { usesPairs ? batchPairs : 2 * batchPairs }

    /// The updates of some passes over the data, at least one.
    func steps(epochs: Double) -> Int {
        max(1, Int((epochs * Double(count) / Double(unitsPerStep)).rounded(.up)))
    }

    /// The micro-batches of an update; a pair is never torn apart.
    mutating func parts(step: Int) -> [Part] {
        var parts: [Part] = []
        var tokens = 0
        for place in 0..<unitsPerStep {
            let unit = unit(at: step * unitsPerStep + place)
            let size = unit.reduce(0) { $0 + $1.tokenCount }
            if parts.isEmpty || tokens + size > microBatchTokens {
                parts.append(Part())
                tokens = 0
            }
            tokens += size
            add(unit, to: &parts[parts.count - 1])
        }
        return parts
    }

    private func add(_ unit: Unit, to part: inout Part) {
        if usesPairs {
            let better = part.targets.items.count
            part.targets.pairs.append(RewardTargets.Pair(better: better, worse: better + 1))
        }
        part.sequences += unit.flatMap(\.sequences)
        part.targets.items += unit.map(\.target)
    }

    private mutating func unit(at position: Int) -> Unit {
        let pass = position / count
        if order.pass != pass {
            var stream = RandomKey(seed: seed, stage: .reward, step: pass, sample: 1).stream
            order = (pass, (0..<count).shuffled(using: &stream))
        }
        let place = order.places[position % count]
        guard usesPairs else { return [singles[place]] }
        var stream = RandomKey(
            seed: seed, stage: .reward, step: pass, prompt: place, sample: 2
        ).stream
        let contrast = contrasts[place]
        return [contrast.accepted, contrast.rejected].compactMap {
            $0.randomElement(using: &stream)
        }
    }

    private static func contrast(_ group: [RewardExample]) -> Contrast? {
        let accepted = group.filter(\.target.isAccepted)
        let rejected = group.filter { !$0.target.isAccepted }
        guard !accepted.isEmpty, !rejected.isEmpty else { return nil }
        return Contrast(accepted: accepted, rejected: rejected)
    }
}
