import Foundation
import RefluxCore
import RefluxTesting
import Testing

/// Numbers from PyTorch (`Tests/Scripts/make_optimizer_fixture.py`).
struct ReferenceTests {
    struct Fixture: Decodable {
        let rollouts: Rollouts
        let ppo: [Expected]
        let grpo: [Expected]
    }

    struct Rollouts: Decodable {
        let lengths: [Int]
        let groups: [Int]
        let rewards: [Double]
        let old, reference, oldValues, new, valueMoves, entropies: [Float]
    }

    struct Expected: Decodable {
        let settings: [String: Setting]
        let advantages, returns: [Double]
        let loss: Double
        let byLogProbability, byValue, byEntropy: [Double]
        let metrics: [String: Double]
    }

    enum Setting: Decodable {
        case number(Double)
        case text(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .number(try container.decode(Double.self))
            }
        }

        var value: ConfigurationValue {
            switch self {
            case .number(let number): .number(number)
            case .text(let text): .string(text)
            }
        }
    }

    private func fixture() throws -> Fixture {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = tests.appending(path: "Fixtures/optimizers.json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Fixture.self, from: try Data(contentsOf: file))
    }

    private func check(_ use: String, _ expected: Expected, on data: Rollouts) throws {
        let optimizer = try makeOptimizer(use, expected.settings.mapValues(\.value))
        let offsets = data.lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        let batch = RolloutBatch(
            offsets: offsets, groups: data.groups, rewards: data.rewards,
            oldLogProbabilities: data.old, referenceLogProbabilities: data.reference,
            values: data.oldValues)
        let advantages = try optimizer.advantages(for: batch)
        #expect(isClose(advantages.advantages, expected.advantages, within: 2e-6))
        #expect(isClose(advantages.returns, expected.returns, within: 2e-6))

        let loss = try optimizer.loss(
            for: PolicyLossBatch(
                offsets: offsets, logProbabilities: data.new, oldLogProbabilities: data.old,
                referenceLogProbabilities: data.reference,
                values: zip(data.oldValues, data.valueMoves).map { $0 + $1 },
                oldValues: data.oldValues, entropies: data.entropies,
                advantages: advantages.advantages, returns: advantages.returns,
                totalTokens: data.old.count, totalSequences: data.lengths.count))
        #expect(abs(loss.value - expected.loss) < 2e-6)
        #expect(isClose(loss.byLogProbability, expected.byLogProbability, within: 2e-6))
        #expect(isClose(loss.byValue, expected.byValue, within: 2e-6))
        #expect(isClose(loss.byEntropy, expected.byEntropy, within: 2e-6))
        for (name, value) in expected.metrics {
            #expect(abs((loss.metrics[name] ?? .nan) - value) < 2e-6, "\(name)")
        }
    }

    @Test func proximalPolicyAgreesWithPyTorch() throws {
        let fixture = try fixture()
        for expected in fixture.ppo { try check("ppo", expected, on: fixture.rollouts) }
    }

    @Test func groupRelativePolicyAgreesWithPyTorch() throws {
        let fixture = try fixture()
        for expected in fixture.grpo { try check("grpo", expected, on: fixture.rollouts) }
    }
}
