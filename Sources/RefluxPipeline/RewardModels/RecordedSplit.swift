import RefluxCore

/// Recorded and judged questions on two sides: what a reward model learns from, and what measures it.
struct RecordedSplit: Sendable {
    /// How many questions and responses stand where.
    struct Counts: Sendable, Codable, Equatable {
        /// The questions with responses.
        var questions = 0
        /// Those whose prompt is too long; they are on neither side.
        var tooLong = 0
        /// Those whose text is held out under another category.
        var neither = 0
        /// Those on the side of training; some have no reward.
        var trainingSide = 0
        /// Those on the held-out side.
        var heldOutSide = 0
        /// The questions that are learnt from.
        var training = 0
        /// Those of them with an accepted and a rejected response among those that are learnt from.
        var contrasts = 0
        /// The accepted responses that are learnt from; a reward of at least 1/2 accepts.
        var accepted = 0
        /// The rejected ones.
        var rejected = 0
        /// The held-out questions that are scored.
        var heldOut = 0
        /// Their responses.
        var heldOutResponses = 0

        enum CodingKeys: String, CodingKey {
            case questions
            case tooLong = "too_long"
            case neither
            case trainingSide = "training_side"
            case heldOutSide = "held_out_side"
            case training, contrasts, accepted, rejected
            case heldOut = "held_out"
            case heldOutResponses = "held_out_responses"
        }
    }

    /// The questions that are learnt from, in random order, with the responses that are.
    let training: [AuditedGroup]
    /// The held-out questions with all their responses, whether they have rewards or not.
    let heldOut: [AuditedGroup]
    /// The counts.
    let counts: Counts
    /// The mean pseudo-reward of each model's responses on the side of training: what can be known of
    /// a response from its author alone.
    let modelRewards: [String: Double]

    /// Divides and chooses.
    ///
    /// Questions are chosen at random by the seed of the split; so are, of each question that is
    /// learnt from, at most half of the wanted number of accepted responses and as many rejected ones.
    ///
    /// - Throws: ``RefluxError`` of kind `usage`; `refused` where a side is empty.
    init(
        _ groups: [AuditedGroup], settings: RewardFitSettings,
        promptLength: (Example) throws -> Int
    ) throws {
        var counts = Counts()
        counts.questions = groups.count
        let split = QuestionSplit(
            choice: try HeldOutChoice(parsing: settings.heldOut), seed: settings.splitSeed)
        let sides = try split.sides(of: groups.map(\.example))
        var training: [AuditedGroup] = []
        var heldOut: [AuditedGroup] = []
        for (group, side) in zip(groups, sides) {
            if let most = settings.promptCharacters, try promptLength(group.example) > most {
                counts.tooLong += 1
                continue
            }
            switch side {
            case .training: training.append(group)
            case .heldOut: heldOut.append(group)
            case .neither: counts.neither += 1
            }
        }
        counts.trainingSide = training.count
        counts.heldOutSide = heldOut.count
        modelRewards = Self.modelRewards(training)
        let seed = settings.splitSeed
        var stream = RandomKey(seed: seed, stage: .reward, step: 2).stream
        let learnt = training.map(\.rewarded).filter { !$0.items.isEmpty }
            .shuffled(using: &stream).prefix(settings.limitPrompts ?? .max)
        self.training = learnt.enumerated().map { place, group in
            guard let most = settings.responsesPerPrompt else { return group }
            var stream = RandomKey(seed: seed, stage: .reward, step: 3, prompt: place).stream
            return group.balanced(most, using: &stream)
        }
        stream = RandomKey(seed: seed, stage: .reward, step: 4).stream
        self.heldOut = Array(
            heldOut.shuffled(using: &stream).prefix(settings.limitHeldOut ?? .max))
        for group in self.training {
            let accepted = group.items.count(where: \.isAccepted)
            counts.accepted += accepted
            counts.rejected += group.items.count - accepted
            counts.contrasts += accepted > 0 && accepted < group.items.count ? 1 : 0
        }
        counts.training = self.training.count
        counts.heldOut = self.heldOut.count
        counts.heldOutResponses = self.heldOut.reduce(0) { $0 + $1.items.count }
        self.counts = counts
        guard counts.training > 0, counts.heldOut > 0 else {
            throw RefluxError(
                .refused,
                found: "\(counts.training) questions with rewards to learn from and "
                    + "\(counts.heldOut) held-out ones", wanted: "at least 1 of each",
                remedy: "Change --held-out, give more questions, or lower label.min_share.")
        }
    }

    private static func modelRewards(_ groups: [AuditedGroup]) -> [String: Double] {
        var sums: [String: (reward: Double, count: Int)] = [:]
        for item in groups.flatMap(\.items) {
            guard let reward = item.probability else { continue }
            sums[item.read.response.model, default: (0, 0)].reward += reward
            sums[item.read.response.model, default: (0, 0)].count += 1
        }
        return sums.mapValues { $0.reward / Double($0.count) }
    }
}

extension AuditedGroup.Item {
    /// The pseudo-reward as a probability of acceptance, which rules may leave; `nil` where the rule
    /// abstains.
    var probability: Double? { verdict.reward.map { min(max($0, 0), 1) } }

    /// Whether the response is accepted.
    var isAccepted: Bool { (probability ?? 0) >= 0.5 }
}

extension AuditedGroup {
    /// The question with the responses that have a reward.
    var rewarded: AuditedGroup {
        var own = self
        own.items = items.filter { $0.probability != nil }
        return own
    }

    /// The question with at most `most` responses, drawn at random, no more than half of that number
    /// accepted (rounded up) and no more than half rejected (rounded down); they keep their order.
    func balanced(_ most: Int, using stream: inout RandomStream) -> AuditedGroup {
        let places = items.indices.shuffled(using: &stream)
        let accepted = places.filter { items[$0].isAccepted }.prefix((most + 1) / 2)
        let rejected = places.filter { !items[$0].isAccepted }.prefix(most / 2)
        var own = self
        own.items = (accepted + rejected).sorted().map { items[$0] }
        return own
    }
}
