import Foundation
import PluginCorpus
import RefluxCore
import RefluxTesting
import Testing

@testable import RefluxPluginHost

/// Old plugins in this host, and newer ones: `Tests/PluginABI`.
@Suite("Compatibility of plugins and hosts")
struct CompatibilityTests {
    private let folder: TemporaryFolder

    /// Builds the libraries by the recipe, which checks them with a host of its own.
    init() throws {
        folder = try TemporaryFolder()
        try PluginBuilder.run(
            "sh", ["\(BuiltPlugin.root)/Tests/PluginABI/check.sh", "\(folder.path)/made"])
    }

    /// A library of the recipe at its place in a plugin's folder.
    private func plugin(_ id: String, library: String) throws -> String {
        let target = "\(folder.path)/\(id)/\(BuiltPlugin.library(id))"
        try FileManager.default.createDirectory(
            atPath: (target as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: "\(folder.path)/made/\(library)", toPath: target)
        return target
    }

    @Test("a rule of minor 0, built against its own header, judges in today's host")
    func oldRule() async throws {
        _ = try plugin("old", library: "old.so")
        let old = try BuiltPlugin(id: "old", in: folder.path).load()
        let rule = try old.makeRule(ExtensionRequest(extensionID: "old-rule", name: "old"))
        var group = PseudoRewardRuleConformance.group(["4", "5", "4", nil, "4"], teachers: 1)
        group.responses[2].finish = .length
        let judgement = try await rule.judge(group)
        #expect(judgement.label == "4")
        #expect(
            judgement.verdicts
                == [.reward(1), .reward(0), .abstain("cut"), .reward(0), .reward(1)])
        #expect(judgement.metrics == ["responses": 5])
        let error = await #expect(throws: RefluxError.self) {
            try await rule.judge(PseudoRewardRuleConformance.group([nil]))
        }
        #expect(error?.found.contains("the first teacher has no answer") == true)
    }

    @Test("an optimizer of minor 0 computes in today's host")
    func oldOptimizer() throws {
        _ = try plugin("old", library: "old.so")
        let old = try BuiltPlugin(id: "old", in: folder.path).load()
        let optimizer = try old.makeOptimizer(
            ExtensionRequest(extensionID: "old-optimizer", name: "old"))
        #expect(optimizer.epochs == 2)
        #expect(optimizer.needsReference && !optimizer.needsValues && !optimizer.needsEntropy)
        let logProbabilities: [Float] = [-0.5, -1.5, -2.5]
        let made = try optimizer.advantages(
            for: RolloutBatch(
                offsets: [0, 2, 3], groups: [0, 0], rewards: [1, 0.25],
                oldLogProbabilities: logProbabilities,
                referenceLogProbabilities: logProbabilities))
        #expect(made.advantages == [0.375, 0.375, -0.375])
        let loss = try optimizer.loss(
            for: PolicyLossBatch(
                offsets: [0, 2, 3], logProbabilities: logProbabilities,
                oldLogProbabilities: logProbabilities,
                referenceLogProbabilities: logProbabilities, advantages: made.advantages,
                totalTokens: 4, totalSequences: 2))
        // The numbers of Tests/PluginABI/minor0/expected.txt.
        #expect(loss.value == -0x1.8p-5)
        #expect(loss.byLogProbability == [-0x1.8p-4, -0x1.8p-4, 0x1.8p-4])
    }

    @Test("a plugin of the next minor finds that this host has no new service, and works")
    func newer() async throws {
        _ = try plugin("newer", library: "newer0.so")
        let newer = try BuiltPlugin(id: "newer", in: folder.path).load()
        let rule = try newer.makeRule(ExtensionRequest(extensionID: "newer-rule", name: "newer"))
        let judgement = try await rule.judge(PseudoRewardRuleConformance.group(["4"]))
        #expect(judgement.metrics == ["service": -1, "field": -1])
        #expect(judgement.verdicts == [.reward(1)])
    }

    @Test("a binary that needs the next minor is refused before its code runs")
    func newerBinary() throws {
        let library = try plugin("newer", library: "newer2.so")
        let error = #expect(throws: RefluxError.self) {
            try InProcessPlugin.describe(libraryAt: library)
        }
        #expect(error?.check == PluginCheck.manifestABI.rawValue)
        #expect(error?.found.contains("1.2") == true)
    }

    @Test("a manifest that needs the next minor is refused without opening the library")
    func newerManifest() throws {
        _ = try plugin("newer", library: "newer0.so")
        let built = try BuiltPlugin(id: "newer", in: folder.path)
        let path = "\(built.folder)/plugin.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let changed = text.replacingOccurrences(of: #""min_minor": 0"#, with: #""min_minor": 2"#)
        #expect(changed != text)
        try Data(changed.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.removeItem(
            atPath: "\(built.folder)/\(BuiltPlugin.library("newer"))")
        let error = #expect(throws: RefluxError.self) {
            try PluginManifest.read(folder: built.folder)
        }
        #expect(error?.check == PluginCheck.manifestABI.rawValue)
        var next = HostPlatform.current
        next.abiMinor += 1
        #expect(try PluginManifest.read(folder: built.folder, host: next).abiMinimumMinor == 2)
    }
}
