import Foundation
import RefluxCore
import RefluxTesting
import Synchronization
import Testing

@testable import RefluxPipeline

/// Notes what it is given, and pushes the probability of rewarded tokens up.
private final class Witness: PolicyOptimizer {
    let name = "witness"
    let needsValues: Bool
    let epochs: Int
    let batches = Mutex<[PolicyLossBatch]>([])
    let rollouts = Mutex<RolloutBatch?>(nil)

    init(needsValues: Bool, epochs: Int) {
        self.needsValues = needsValues
        self.epochs = epochs
    }

    func advantages(for batch: RolloutBatch) -> AdvantageBatch {
        rollouts.withLock { $0 = batch }
        return AdvantageBatch(advantages: batch.perToken { batch.rewards[$0] }, returns: [])
    }

    func loss(for batch: PolicyLossBatch) -> PolicyLoss {
        batches.withLock { $0.append(batch) }
        let scale = -1 / Float(batch.totalTokens)
        return PolicyLoss(
            value: 0, byLogProbability: batch.advantages.map { scale * $0 },
            byValue: batch.values.map { _ in 0 }, metrics: ["share": 0.5])
    }
}

@Suite("An update of the policy")
struct StagePolicyUpdateTests {
    /// Rollouts whose tokens were drawn with a log-probability.
    private func rollouts(_ logProbability: Float = -4) -> [Rollout] {
        let tokenizer = ToyTokenizer()
        return ["7", "35", "7"].enumerated().map { index, text in
            let response = tokenizer.encodeResponse(text, finished: true)
            return Rollout(
                group: index == 2 ? 5 : 1,
                example: Example(id: "\(index)", index: index, question: "q="),
                sequence: TokenSequence(
                    prompt: tokenizer.encode("q=", parseSpecial: false), response: response),
                sampled: SampledResponse(
                    tokens: response, logProbabilities: response.map { _ in logProbability },
                    text: text,
                    finish: .stop),
                answer: text, correct: nil, reward: text == "7" ? 1 : -1)
        }
    }

    private func settings(_ keys: [(String, ConfigurationValue)]) throws -> ReinforceSettings {
        let place = SourceLocation(path: "test.yaml")
        let table = keys.map { ConfigurationEntry($0, ConfigurationNode($1, at: place)) }
        return try ReinforceSettings(
            ConfigurationReader(ConfigurationNode(.table(table), at: place)))
    }

    private func apply(
        needsValues: Bool, epochs: Int, drawnWith logProbability: Float = -4, cap: Double = 0
    ) async throws -> (witness: Witness, metrics: [String: Double]) {
        let witness = Witness(needsValues: needsValues, epochs: epochs)
        let settings = try settings([
            ("micro_batch_tokens", .integer(9)), ("learning_rate", .number(0.5)),
            ("warmup_steps", .integer(0)), ("importance_cap", .number(cap)),
        ])
        let options = ModelOptions(trainable: true, head: ModelOptions.Head())
        let metrics = try await PolicyUpdate(
            policy: LinearEngine(options: options), reference: LinearEngine(),
            optimizer: witness, settings: settings
        ).apply(rollouts(logProbability), step: 0)
        return (witness, metrics)
    }

    @Test("the first pass has a ratio of exactly 1, later ones move", arguments: [false, true])
    func ratios(needsValues: Bool) async throws {
        let (witness, _) = try await apply(needsValues: needsValues, epochs: 2)
        let batches = witness.batches.withLock { $0 }
        #expect(batches.count == 4)
        for batch in batches.prefix(2) {
            #expect(batch.oldLogProbabilities == batch.logProbabilities)
            #expect(batch.values.isEmpty != needsValues)
        }
        for (first, second) in zip(batches, batches.dropFirst(2)) {
            #expect(second.oldLogProbabilities == first.logProbabilities)
            #expect(second.logProbabilities != first.logProbabilities)
        }
        #expect(batches.allSatisfy { $0.totalTokens == 7 && $0.totalSequences == 3 })
    }

    @Test("groups are numbered without gaps, and offsets follow the sequences")
    func batch() async throws {
        let (witness, metrics) = try await apply(needsValues: false, epochs: 1)
        let batch = try #require(witness.rollouts.withLock { $0 })
        #expect(batch.groups == [0, 0, 1])
        #expect(batch.offsets == [0, 2, 5, 7])
        #expect(batch.rewards == [1, -1, 1])
        #expect(batch.referenceLogProbabilities.isEmpty)
        #expect(metrics["share"] == 1)
    }

    @Test(
        "advantages are weighed by how much likelier tokens are than when they were drawn",
        arguments: [false, true])
    func importance(needsValues: Bool) async throws {
        let rewards: [Float] = [1, 1, -1, -1, -1, 1, 1]
        for (drawn, cap, weight) in [
            (Float(-4), 0.0, 1.0), (-4, 2, exp(4 - log(129))), (-6, 2, 2),
            (-6, 8, exp(6 - log(129))),
        ] {
            let (witness, metrics) = try await apply(
                needsValues: needsValues, epochs: 2, drawnWith: drawn, cap: cap)
            let batches = witness.batches.withLock { $0 }
            // The second pass as the first: the weight is that of the policy before the update.
            for pass in [batches.prefix(2), batches.dropFirst(2)] {
                let advantages = pass.flatMap(\.advantages)
                #expect(zip(advantages, rewards).allSatisfy { abs($0 - $1 * Float(weight)) < 1e-4 })
            }
            #expect((metrics["importance_weight"] == nil) == (cap == 0))
            #expect(abs((metrics["importance_weight"] ?? weight) - weight) < 1e-4)
            #expect((metrics["importance_capped"] ?? 0) == (weight == 2 ? 1 : 0))
        }
    }

    @Test("rollouts in another arithmetic are weighed unless that is switched off")
    func importanceCap() throws {
        #expect(try settings([]).importanceCap == nil)
        #expect(try settings([("rollout_precision", .string("int8"))]).importanceCap == 2)
        let off: [(String, ConfigurationValue)] = [
            ("rollout_precision", .string("int8")), ("importance_cap", .integer(0)),
        ]
        #expect(try settings(off).importanceCap == nil)
        let error = #expect(throws: RefluxError.self) {
            try settings([("importance_cap", .number(0.5))])
        }
        #expect(error?.wanted == "a number of at least 1, or 0")
    }

    @Test("what the sampler said is compared with what the trainer reads")
    func difference() async throws {
        let (_, metrics) = try await apply(needsValues: false, epochs: 1)
        let expected = log(129.0) - 4
        #expect(abs((metrics["sampler_trainer_difference"] ?? 0) - expected) < 1e-5)
        #expect(abs((metrics["entropy"] ?? 0) - log(129)) < 1e-4)
        #expect(abs(metrics["kl_reference"] ?? 1) < 1e-9)
    }
}
