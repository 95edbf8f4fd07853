import Foundation
import RefluxCore
import RefluxPluginHost
import RefluxTesting

/// A plugin without a library: its parts do what the extension's id says.
struct Doubles: PluginRuntime {
    var services = PluginServices()

    func makeRule(_ request: ExtensionRequest) throws -> any PseudoRewardRule {
        services.effectiveConfiguration(request.extensionID, request.configuration)
        if request.extensionID == "refused" {
            throw PluginCheck.instanceCreate.error(
                .usage, found: "no", at: .init(path: "x", line: 3, column: 4, key: "k"),
                wanted: "yes", remedy: "Say yes.")
        }
        return DoubleRule(name: request.name, behaviour: request.extensionID, services: services)
    }

    func makeOptimizer(_ request: ExtensionRequest) throws -> any PolicyOptimizer {
        DoubleOptimizer(name: request.name)
    }

    func makeTask(_ request: ExtensionRequest) throws -> any TaskEvaluator { TinyTask() }

    func makeTeacher(_ request: ExtensionRequest) throws -> any TeacherSource {
        if request.extensionID == "patient" { return PatientTeacher() }
        return ScriptedTeacher(name: request.name) { prompt, sample in
            "\(prompt.displayText) \(sample)"
        }
    }

    func makeRewardModel(_ request: ExtensionRequest) throws -> any RewardModel {
        try DoubleRewardModel(load: request.load)
    }
}

/// Accepts the most frequent answer, or misbehaves.
struct DoubleRule: PseudoRewardRule {
    let name: String
    let behaviour: String
    let services: PluginServices
    var needsGold: Bool { behaviour == "gold" }

    func judge(_ group: ResponseGroup) async throws -> GroupJudgement {
        switch behaviour {
        case "odd-numbers":
            return GroupJudgement(
                label: nil, abstention: "odd", verdicts: [.reward(.init(nan: 7, signaling: false))],
                metrics: ["a": -0.0, "b": .infinity, "c": .leastNonzeroMagnitude])
        case "throws": throw CocoaError(.fileNoSuchFile)
        case "cancels": throw CancellationError()
        case "talks":
            print("to the output\u{1B}[31m\nand again")
            FileHandle.standardError.write(Data("to the errors".utf8))
            services.log("doubles", .warning, "by the log")
        case "chatters": for line in 0..<1000 { print("line", line) }
        case "process", "slow-process":
            if behaviour == "slow-process" { usleep(300_000) }
            return GroupJudgement(
                label: "\(getpid())", verdicts: group.answers.map { _ in .reward(0) })
        case "loops-aloud":
            print("process \(getpid())")
            while true { usleep(1000) }
        case "trap" where group.prompt.id == "bad": preconditionFailure("a bad prompt")
        case "hangs" where group.prompt.id == "bad": while true { usleep(1000) }
        default: break
        }
        return majority(of: group)
    }

    private func majority(of group: ResponseGroup) -> GroupJudgement {
        let counts = group.answers.compactMap { $0 }.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        guard let most = counts.values.max() else {
            return GroupJudgement(
                label: nil, abstention: "no answers",
                verdicts: group.answers.map { _ in .abstain("no answers") })
        }
        let label = counts.filter { $0.value == most }.keys.min()
        return GroupJudgement(
            label: label, verdicts: group.answers.map { .reward($0 == label ? 1 : 0) },
            metrics: ["share": Double(most) / Double(group.answers.count)])
    }
}

/// REINFORCE with values, a reference and entropy, so that every array has something in it.
struct DoubleOptimizer: PolicyOptimizer {
    let name: String
    var needsValues: Bool { true }
    var needsReference: Bool { true }
    var needsEntropy: Bool { true }
    var epochs: Int { 3 }

    func advantages(for batch: RolloutBatch) -> AdvantageBatch {
        AdvantageBatch(
            advantages: zip(batch.perToken { batch.rewards[$0] }, batch.values).map { $0 - $1 },
            returns: batch.perToken { batch.rewards[$0] }, metrics: ["tokens": 1])
    }

    func loss(for batch: PolicyLossBatch) -> PolicyLoss {
        let n = Float(max(1, batch.totalTokens))
        let errors = zip(batch.values, batch.returns).map { $0 - $1 }
        let value =
            zip(batch.advantages, batch.logProbabilities).reduce(0.0) {
                $0 - Double($1.0) * Double($1.1)
            } + errors.reduce(0.0) { $0 + Double($1 * $1) / 2 }
            - batch.entropies.reduce(0.0) { $0 + 0.01 * Double($1) }
        return PolicyLoss(
            value: value / Double(n), byLogProbability: batch.advantages.map { -$0 / n },
            byValue: errors.map { $0 / n }, byEntropy: batch.entropies.map { _ in -0.01 / n })
    }
}

/// A teacher that works until it is cancelled, and tells of it.
struct PatientTeacher: TeacherSource {
    let name = "patient"

    func respond(
        to prompts: [Prompt], plan: SamplingPlan, observer: RunObserver
    ) async throws -> [[Response]] {
        var step = 0
        while !Task.isCancelled {
            step += 1
            observer.progress(step, 1000, "responses")
            usleep(10_000)
        }
        observer.note("cancelled\u{7}")
        throw CancellationError()
    }
}

/// A reward model that learns the mean reward of each text length. Traps on the text `bad`.
final class DoubleRewardModel: RewardModel, @unchecked Sendable {
    private var means: [Int: Double] = [:]

    init(load: String?) throws {
        guard let load else { return }
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(load)/means.json"))
        means = try JSONDecoder().decode([Int: Double].self, from: data)
    }

    func fit(_ data: RewardTrainingData, checkpoint: String?, observer: RunObserver) async throws {
        let items = data.groups.flatMap { $0 }
        for (step, item) in items.enumerated() {
            let length = item.item.text.utf8.count
            means[length] = 0.5 * (means[length] ?? 0) + 0.5 * item.reward * item.weight
            observer.metrics(step, ["loss": 1 / Double(step + 1)])
        }
        if let checkpoint { try await save(to: checkpoint) }
    }

    func score(_ items: [ScoringItem]) async throws -> [Double] {
        items.map { item in
            precondition(item.text != "bad", "a bad text")
            return means[item.text.utf8.count] ?? -1.25
        }
    }

    func save(to folder: String) async throws {
        try JSONEncoder().encode(means).write(to: URL(fileURLWithPath: "\(folder)/means.json"))
    }
}
