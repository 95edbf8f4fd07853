import Foundation
import RefluxCore
import RefluxTesting

@testable import RefluxRewards

/// A table of the run file.
func reader(_ keys: [String: ConfigurationValue]) throws -> ConfigurationReader {
    let place = SourceLocation(path: "run.yaml", line: 1, key: "reward")
    let entries = keys.sorted { $0.key < $1.key }.map {
        ConfigurationEntry($0.key, ConfigurationNode($0.value, at: place))
    }
    return try ConfigurationReader(ConfigurationNode(.table(entries), at: place))
}

/// A context whose teacher and student are small bigram models of good answers.
func context(seed: UInt64 = 5, contextLength: Int = 128) -> BuildContext {
    let corpus = ["aab", "abab", "baab"].map { (prompt: "p:", response: $0) }
    let models = LinearEngineProvider(
        corpora: ["models/teacher": corpus, "models/student": []], contextLength: contextLength)
    return BuildContext(
        seed: seed, baseFolder: "/nowhere", models: models,
        roles: ["teacher": "models/teacher", "student": "models/student"])
}

/// Prompts with accepted answers of many a's and rejected ones of many b's; the prompt itself says
/// nothing about which is which.
func labelledGroups(_ prompts: Range<Int>) -> [[RewardTrainingData.Item]] {
    prompts.map { index in
        var stream = RandomKey(seed: 9, stage: .prepare, prompt: index).stream
        let prompt = Prompt(id: "p/\(index)", index: index, content: .text("p\(index):"))
        return (0..<6).map { place in
            let isGood = place % 2 == 0
            let letters = (0..<Int.random(in: 6...12, using: &stream)).map { _ in
                Double.random(in: 0..<1, using: &stream) < (isGood ? 0.7 : 0.3) ? "a" : "b"
            }
            return RewardTrainingData.Item(
                item: ScoringItem(prompt: prompt, text: letters.joined(), finished: place != 5),
                reward: isGood ? 1 : 0, role: place < 3 ? .teacher : .student)
        }
    }
}

/// The within-prompt AUC of scores.
func areaWithin(_ groups: [[RewardTrainingData.Item]], _ scores: [Double]) throws -> Double {
    let items = groups.flatMap(\.self)
    let report = try RewardReport(
        scores: scores, rewards: items.map(\.reward), promptIDs: items.map(\.item.prompt.id),
        roles: items.map(\.role), lengths: items.map(\.item.text.utf8.count))
    return report.all.withinPromptAUC ?? .nan
}

/// Runs a body with a fresh folder, which is removed afterwards.
func withFolder<Result>(_ body: (_ path: String) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.path)
}

/// A rule of the run file.
func rule(_ keys: [String: ConfigurationValue]) throws -> any PseudoRewardRule {
    var registry = ExtensionRegistry()
    try registerRules(in: &registry)
    return try registry.make(.rule, from: reader(keys), context: context())
}
