import RefluxCore
import RefluxOptimizers
import RefluxTesting
import Testing

/// The suite must find what it promises to find.
struct ConformanceTests {
    /// GRPO with one thing broken.
    struct Broken: PolicyOptimizer {
        var name = "broken"
        var spoilAdvantages: @Sendable (inout AdvantageBatch) -> Void = { _ in }
        var spoilLoss: @Sendable (inout PolicyLoss, PolicyLossBatch) -> Void = { _, _ in }
        private let sound = GroupRelativePolicyOptimizer()

        init(name: String = "broken") { self.name = name }

        func advantages(for batch: RolloutBatch) throws -> AdvantageBatch {
            var advantages = try sound.advantages(for: batch)
            spoilAdvantages(&advantages)
            return advantages
        }

        func loss(for batch: PolicyLossBatch) throws -> PolicyLoss {
            var loss = try sound.loss(for: batch)
            spoilLoss(&loss, batch)
            return loss
        }
    }

    private func failure(_ change: (inout Broken) -> Void) throws -> String {
        var optimizer = Broken()
        change(&optimizer)
        let failure = #expect(throws: ConformanceFailure.self) {
            try PolicyOptimizerConformance.check(optimizer, rounds: 4)
        }
        return failure?.description ?? "nothing"
    }

    @Test func acceptsASoundOptimizer() throws {
        try PolicyOptimizerConformance.check(Broken())
    }

    @Test func findsAnOptimizerWithoutAName() throws {
        #expect(try failure { $0 = Broken(name: "") }.contains("name"))
    }

    @Test func findsMissingAdvantages() throws {
        #expect(
            try failure {
                $0.spoilAdvantages = { if !$0.advantages.isEmpty { $0.advantages.removeLast() } }
            }.contains("advantage"))
    }

    @Test func findsAWrongDerivative() throws {
        #expect(
            try failure {
                $0.spoilLoss = { loss, _ in
                    loss.byLogProbability = loss.byLogProbability.map { $0 * 0.9 }
                }
            }.contains("finite differences"))
    }

    @Test func findsSharesThatDoNotAddUp() throws {
        #expect(
            try failure {
                $0.spoilLoss = { loss, batch in
                    loss.value *= Double(batch.totalTokens) / Double(max(1, batch.advantages.count))
                }
            }.contains("add up"))
    }

    @Test func findsMetricsThatDoNotAddUp() throws {
        #expect(
            try failure { $0.spoilLoss = { loss, _ in loss.metrics["constant"] = 1 } }
                .contains("constant"))
    }

    @Test func findsNumbersThatAreNotFinite() throws {
        #expect(
            try failure {
                $0.spoilLoss = { loss, _ in loss.metrics["bad"] = .nan }
            }.contains("finite"))
    }
}
