import RefluxPluginKit

/// The twin of the built-in optimizer `grpo`: a run with it gives the same bits.
struct GroupRelative: PolicyOptimizer {
    static let about = About(
        id: "grpo-swift", title: "GRPO: advantages relative to the prompt's group",
        description: "The twin of the built-in optimizer grpo, in Swift.",
        settings: [
            .number("clip_low", default: 0.2, in: 0...1, "How far pi / pi_old may fall below 1."),
            .number("clip_high", default: 0.2, in: 0...100, "How far it may rise above 1."),
            .number("dual_clip", default: 0, in: 0...1e9, "The dual clip, above 1; 0 is off."),
            .number(
                "deviation_floor", default: 0.1, in: 1e-9...1000,
                "Added to the deviation of a group's rewards."),
            .number(
                "kl_coefficient", default: 0.005, in: 0...1000,
                "The weight of the divergence from the reference."),
            .number(
                "entropy_coefficient", default: 0, in: 0...1000,
                "The weight of the entropy bonus."),
            .text(
                "aggregation", default: "sequence", oneOf: ["sequence", "token"],
                "Whether sequences or tokens count the same."),
            .integer(
                "epochs", default: 1, in: 1...1000,
                "How often the batch of a step is gone through."),
        ],
        stability: .stable)

    let surrogate: Surrogate
    let deviationFloor: Double
    let epochs: Int

    init(_ settings: Settings, host: HostInfo) throws {
        let dual = try settings.number("dual_clip")
        guard dual == 0 || dual > 1 else {
            throw PluginError("dual_clip is \(dual); give 0 (off) or a number above 1.")
        }
        surrogate = Surrogate(
            low: try settings.number("clip_low"), high: try settings.number("clip_high"),
            dual: dual == 0 ? nil : dual,
            divergenceWeight: try settings.number("kl_coefficient"),
            entropyWeight: try settings.number("entropy_coefficient"),
            isTokenMean: try settings.text("aggregation") == "token")
        deviationFloor = try settings.number("deviation_floor")
        epochs = try settings.integer("epochs")
    }

    var needs: OptimizerNeeds {
        OptimizerNeeds(
            reference: surrogate.divergenceWeight > 0, entropy: surrogate.entropyWeight > 0,
            epochs: epochs)
    }

    func advantages(for batch: RolloutBatch, call: Call) throws -> Advantages {
        if let bad = batch.rewards.firstIndex(where: { !$0.isFinite }) {
            throw PluginError(
                "The reward of sequence \(bad) is \(batch.rewards[bad]); look for a rule or a "
                    + "reward model that yields numbers out of range.")
        }
        let groups = batch.sequencesByGroup.map { members in
            (members, Statistics(members.map { batch.rewards[$0] }))
        }
        var bySequence = [Statistics](repeating: Statistics([]), count: batch.sequenceCount)
        for (members, statistics) in groups {
            for sequence in members { bySequence[sequence] = statistics }
        }
        let all = Statistics(batch.rewards)
        let equal = groups.count { $0.1.isConstant }
        return Advantages(
            batch.perToken { sequence in
                (batch.rewards[sequence] - bySequence[sequence].mean)
                    / (bySequence[sequence].deviation + deviationFloor)
            },
            metrics: [
                "reward_mean": all.mean, "reward_deviation": all.deviation,
                "zero_variance_groups": Double(equal) / Double(max(1, groups.count)),
            ])
    }

    func loss(for batch: LossBatch, call: Call) throws -> Loss {
        let loss = surrogate.loss(of: batch)
        let derivatives = [loss.byLogProbability, loss.byEntropy]
        guard loss.value.isFinite, derivatives.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
            throw PluginError(
                "The policy's loss or its gradient is not finite (loss \(loss.value)); lower the "
                    + "learning rate or the number of epochs.")
        }
        return loss
    }
}
