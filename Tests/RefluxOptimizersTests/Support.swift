import Foundation
import RefluxCore
import RefluxOptimizers
import RefluxTesting

let registry: ExtensionRegistry = {
    var registry = ExtensionRegistry()
    try? registerOptimizers(in: &registry)
    return registry
}()

/// Makes an optimizer as a run file would.
func makeOptimizer(
    _ use: String, _ keys: [String: ConfigurationValue] = [:]
) throws -> any PolicyOptimizer {
    let place = SourceLocation(path: "run.yaml", line: 1, key: "reinforce")
    let entries = keys.sorted { $0.key < $1.key }.map {
        ConfigurationEntry($0.key, ConfigurationNode($0.value, at: place))
    }
    let use = ConfigurationEntry("use", ConfigurationNode(.string(use), at: place))
    let reader = try ConfigurationReader(ConfigurationNode(.table([use] + entries), at: place))
    let context = BuildContext(seed: 1, baseFolder: "/", models: LinearEngineProvider())
    return try registry.make(.optimizer, from: reader, context: context)
}

/// Rollouts of sequences with the given lengths, all log-probabilities equal.
func rollouts(
    lengths: [Int], groups: [Int], rewards: [Double], values: [Float]? = nil
) -> RolloutBatch {
    let offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    let tokens = offsets[offsets.count - 1]
    let zeros = [Float](repeating: -1, count: tokens)
    return RolloutBatch(
        offsets: offsets, groups: groups, rewards: rewards, oldLogProbabilities: zeros,
        referenceLogProbabilities: zeros, values: values ?? zeros.map { _ in 0 })
}

func isClose(_ a: some Collection<Float>, _ b: [Double], within tolerance: Double = 1e-6) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs(Double($0) - $1) <= tolerance }
}
