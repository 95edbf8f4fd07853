import Foundation
import PluginCorpus
import RefluxCore
import RefluxPluginHost
import RefluxTesting

@testable import RefluxPluginTools

/// Sound parts of every kind, without a library behind them.
struct FakeRuntime: PluginRuntime {
    func makeRule(_ request: ExtensionRequest) throws -> any PseudoRewardRule { FirstAnswer() }
    func makeOptimizer(_ request: ExtensionRequest) throws -> any PolicyOptimizer { Reinforce() }
    func makeTask(_ request: ExtensionRequest) throws -> any TaskEvaluator { TinyTask() }
    func makeTeacher(_ request: ExtensionRequest) throws -> any TeacherSource { Parrot() }
    func makeRewardModel(_ request: ExtensionRequest) throws -> any RewardModel { Shortness() }

    /// Accepts what the first response answers.
    struct FirstAnswer: PseudoRewardRule {
        let name = "first"
        func judge(_ group: ResponseGroup) throws -> GroupJudgement {
            let label = group.answers.first ?? nil
            return GroupJudgement(
                label: label, abstention: label == nil ? "no answer" : nil,
                verdicts: group.answers.map { answer in
                    answer == nil || label == nil
                        ? .abstain("no answer") : .reward(answer == label ? 1 : 0)
                }, metrics: ["share": 0.5])
        }
    }

    /// The smallest optimizer of `PolicyOptimizer`'s documentation.
    struct Reinforce: PolicyOptimizer {
        let name = "reinforce"
        func advantages(for batch: RolloutBatch) -> AdvantageBatch {
            AdvantageBatch(advantages: batch.perToken { batch.rewards[$0] }, returns: [])
        }
        func loss(for batch: PolicyLossBatch) -> PolicyLoss {
            let n = Float(batch.totalTokens)
            let terms = zip(batch.advantages, batch.logProbabilities)
            let value = terms.reduce(0.0) { $0 - Double($1.0) * Double($1.1) } / Double(n)
            return PolicyLoss(value: value, byLogProbability: batch.advantages.map { -$0 / n })
        }
    }

    /// Says the prompt again.
    struct Parrot: TeacherSource {
        let name = "parrot"
        func respond(
            to prompts: [Prompt], plan: SamplingPlan, observer: RunObserver
        ) async throws -> [[Response]] {
            prompts.map { prompt in
                (0..<plan.samplesPerPrompt).map { sample in
                    Response(
                        promptID: prompt.id, text: "\(prompt.displayText)\(sample)",
                        role: .teacher, source: name, model: "parrot", sample: sample)
                }
            }
        }
    }

    /// Prefers short texts, and learns nothing.
    struct Shortness: RewardModel {
        func fit(_ data: RewardTrainingData, checkpoint: String?, observer: RunObserver) {}
        func score(_ items: [ScoringItem]) -> [Double] { items.map { -Double($0.text.utf8.count) } }
        func save(to folder: String) {}
    }
}

/// Hands a bench of a fake extension of a kind to a body; the cases are the lines of its golden file.
func withBench(
    _ kind: PluginKind, runtime: any PluginRuntime = FakeRuntime(), cases: String = "",
    _ body: (Bench, Configurations) async throws -> Void
) async throws {
    try await withFolder { folder in
        var values = PluginBuilder().soundManifest(Data([0]))
        var provides = values["provides"] as? [[String: Any]] ?? []
        provides[0]["kind"] = kind.rawValue
        values["provides"] = provides
        values["tests"] = ["tests/cases.jsonl"]
        let plugin = "\(folder)/sample"
        let json = try JSONSerialization.data(withJSONObject: values)
        try write(String(decoding: json, as: UTF8.self), to: "\(plugin)/plugin.json")
        try write(cases, to: "\(plugin)/tests/cases.jsonl")
        let manifest = try PluginManifest.read(folder: plugin)
        let configurations = try Configurations(manifest.provides[0], in: manifest)
        let bench = Bench(
            runtime: runtime, manifest: manifest, subject: manifest.provides[0], seed: 1,
            configuration: "{}")
        try await body(bench, configurations)
    }
}
