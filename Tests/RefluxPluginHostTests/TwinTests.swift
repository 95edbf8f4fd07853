import RefluxCore
import RefluxOptimizers
import RefluxPluginHost
import RefluxRewards
import RefluxTesting
import Testing

/// A plugin can do what a built-in part does, and nothing is changed at the boundary: the twins in
/// `Tests/PluginTwins` give the same bits as their originals.
@Suite("Twins of built-in parts", .serialized)
struct TwinTests {
    /// A way to configure the rule.
    struct RuleSettings: Sendable, CustomTestStringConvertible {
        var minShare = 0.0
        var minMargin = 0.0
        var tie = TiePolicy.abstain

        var json: String {
            #"{"min_share":\#(minShare),"min_margin":\#(minMargin),"tie":"\#(tie.rawValue)"}"#
        }
        var testDescription: String { json }

        static let all: [RuleSettings] = [
            RuleSettings(), RuleSettings(minShare: 0.5), RuleSettings(minShare: 0.3, tie: .first),
            RuleSettings(minMargin: 0.25, tie: .random), RuleSettings(tie: .random),
            RuleSettings(minShare: 1.0), RuleSettings(minShare: 1e-5, minMargin: 0.123456789012),
        ]
    }

    @Test("teacher-majority", arguments: ["majority-c", "majority-swift"])
    func rule(twin: String) async throws {
        let plugin = try load(twin)
        for (place, settings) in RuleSettings.all.enumerated() {
            let seed = UInt64(place) &* 0x9E37_79B9_7F4A_7C15
            let original = TeacherMajority(
                minShare: settings.minShare, minMargin: settings.minMargin, tie: settings.tie,
                seed: seed)
            let rule = try plugin.makeRule(
                ExtensionRequest(
                    extensionID: twin, name: "twin", configuration: settings.json, seed: seed))
            for group in Self.groups(seed: UInt64(place)) + PseudoRewardRuleConformance.groups
            where group.answers.allSatisfy({ $0?.unicodeScalars.contains("\0") != true }) {
                let judged = try await rule.judge(group)
                #expect(judged == original.judge(group), "\(settings.json)")
            }
        }
    }

    /// Builds a twin in the build folder, where make finds what is up to date.
    private func load(_ twin: String) throws -> InProcessPlugin {
        let folder = "\(BuiltPlugin.root)/.build/plugin-twins"
        return try BuiltPlugin(
            project: "Tests/PluginTwins/\(twin)", id: twin, in: folder
        ).load()
    }

    /// Random groups: up to twelve responses of both roles, with few different answers, so that ties
    /// are frequent.
    static func groups(seed: UInt64) -> [ResponseGroup] {
        var stream = RandomKey(seed: seed, stage: .prepare).stream
        return (0..<200).map { index in
            let count = Int.random(in: 0...12, using: &stream)
            let answers = (0..<count).map { _ in
                ["7", "8", "10", "-3/4", nil].randomElement(using: &stream) ?? nil
            }
            return PseudoRewardRuleConformance.group(
                answers, teachers: Int.random(in: 0...count, using: &stream),
                index: Int.random(in: 0...5_000_000_000, using: &stream))
        }
    }

    /// A way to configure the optimizer.
    static var optimizerSettings: [GroupRelativePolicySettings] {
        var plain = GroupRelativePolicySettings()
        plain.divergenceCoefficient = 0
        var token = plain
        token.aggregation = .token
        token.entropyCoefficient = 0.013
        token.epochs = 3
        var dual = GroupRelativePolicySettings()
        dual.clip = ClippedSurrogate(low: 0.1, high: 0.28, dual: 3)
        dual.deviationFloor = 1e-6
        dual.divergenceCoefficient = 0.04
        return [GroupRelativePolicySettings(), plain, token, dual]
    }

    @Test("grpo", arguments: ["grpo-c", "grpo-swift"])
    func optimizer(twin: String) throws {
        let plugin = try load(twin)
        for settings in Self.optimizerSettings {
            let original = GroupRelativePolicyOptimizer(settings: settings)
            let optimizer = try plugin.makeOptimizer(
                ExtensionRequest(
                    extensionID: twin, name: "twin", configuration: settings.json, seed: 1))
            #expect(optimizer.needsReference == original.needsReference)
            #expect(optimizer.needsEntropy == original.needsEntropy)
            #expect(!optimizer.needsValues)
            #expect(optimizer.epochs == original.epochs)
            for seed in 0..<40 {
                try compare(optimizer, original, seed: UInt64(seed))
            }
        }
    }

    /// Compares advantages of random rollouts, and the losses of two micro-batches after the policy
    /// has moved, far enough for every clip.
    private func compare(
        _ twin: any PolicyOptimizer, _ original: any PolicyOptimizer, seed: UInt64
    ) throws {
        var generator = RolloutGenerator(seed: seed)
        var rollouts = generator.rollouts(groups: 1 + Int(seed % 9))
        let reference = rollouts.referenceLogProbabilities
        rollouts.values = []
        if !original.needsReference { rollouts.referenceLogProbabilities = [] }
        let wanted = try original.advantages(for: rollouts)
        let found = try twin.advantages(for: rollouts)
        #expect(found.advantages.map(\.bitPattern) == wanted.advantages.map(\.bitPattern))
        #expect(found.returns.isEmpty)
        #expect(found.metrics == wanted.metrics)

        rollouts.values = [Float](repeating: 0, count: rollouts.tokenCount)
        rollouts.referenceLogProbabilities = reference
        var update = generator.update(of: rollouts, advantages: wanted, distance: 1.5)
        update.values = []
        update.oldValues = []
        if !original.needsReference { update.referenceLogProbabilities = [] }
        if !original.needsEntropy { update.entropies = [] }
        let middle = rollouts.sequenceCount / 2
        for range in [0..<middle, middle..<rollouts.sequenceCount, 0..<rollouts.sequenceCount] {
            let part = update.sequences(range)
            let wanted = try original.loss(for: part)
            let found = try twin.loss(for: part)
            #expect(found.value.bitPattern == wanted.value.bitPattern)
            #expect(
                found.byLogProbability.map(\.bitPattern)
                    == wanted.byLogProbability.map(\.bitPattern))
            #expect(found.byEntropy.map(\.bitPattern) == wanted.byEntropy.map(\.bitPattern))
            #expect(found.byValue.isEmpty)
            #expect(found.metrics == wanted.metrics)
        }
    }
}

extension GroupRelativePolicySettings {
    /// Every key, as the host hands them over.
    fileprivate var json: String {
        """
        {"clip_low":\(clip.low),"clip_high":\(clip.high),"dual_clip":\(clip.dual ?? 0),\
        "deviation_floor":\(deviationFloor),"kl_coefficient":\(divergenceCoefficient),\
        "entropy_coefficient":\(entropyCoefficient),"aggregation":"\(aggregation.rawValue)",\
        "epochs":\(epochs)}
        """
    }
}
