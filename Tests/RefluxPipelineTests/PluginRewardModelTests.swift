import Foundation
import RefluxCore
import RefluxTesting
import Synchronization
import Testing

@testable import RefluxPipeline

/// A reward model that keeps nothing but is told its settings both times it is made.
@Suite struct PluginRewardModelTests {
    private struct Seven: RewardModel {
        let scale: Double

        func fit(_ data: RewardTrainingData, checkpoint: String?, observer: RunObserver) {}
        func score(_ items: [ScoringItem]) -> [Double] {
            items.map { $0.text == "7" ? scale : -scale }
        }
        func save(to folder: String) {}
    }

    private final class Made: Sendable {
        let loads = Mutex<[String?]>([])
    }

    @Test("a saved model of a plugin is loaded with the settings of the run file")
    func loading() async throws {
        let made = Made()
        var run = try await SevenRun()
        try run.registry.register(
            .rewardModel, id: "seven-scorer", title: "Likes 7", origin: .plugin("sevens")
        ) { reader, _ in
            let load = try reader.optionalString("load")
            made.loads.withLock { $0.append(load) }
            return Seven(scale: try reader.requiredDouble("scale"))
        }
        let end = try #require(run.text.range(of: "reinforce:"))
        let start = try #require(run.text.range(of: "reward: {use"))
        let text = run.text.replacingCharacters(
            in: start.lowerBound..<end.lowerBound,
            with: "reward: {use: seven-scorer, scale: 3, floor: 0.5}\n")
        try await run.carryOut(text: text)
        let loads = made.loads.withLock { $0.compactMap(\.self) }
        #expect(loads == ["\(run.folder.path)/runs/seven/reward/model"])
        let rollout = try run.read("reinforce/rollouts.jsonl")
        #expect(rollout.contains("\"score\":3"), "\(rollout.prefix(300))")
    }
}

extension ConfigurationReader {
    fileprivate func requiredDouble(_ key: String) throws -> Double {
        guard let value = try optionalDouble(key) else { throw wrong(key, wanted: "a number") }
        return value
    }
}
