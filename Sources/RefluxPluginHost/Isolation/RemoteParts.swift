import RefluxCore
import Synchronization

/// A rule in a worker process.
struct RemoteRule: PseudoRewardRule {
    private let part: RemotePart

    init(_ part: RemotePart) { self.part = part }

    var name: String { part.traits.name }
    var needsGold: Bool { part.traits.needsGold }

    func judge(_ group: ResponseGroup) async throws -> GroupJudgement {
        try await part.callAway(
            RemoteCall(.judge, item: group.prompt.id) {
                $0.write(group)
            } decode: { reader throws(WireError) in
                try reader.read(GroupJudgement.self)
            })
    }
}

/// An optimizer in a worker process.
struct RemoteOptimizer: PolicyOptimizer {
    private let part: RemotePart

    init(_ part: RemotePart) { self.part = part }

    var name: String { part.traits.name }
    var needsValues: Bool { part.traits.needsValues }
    var needsReference: Bool { part.traits.needsReference }
    var needsEntropy: Bool { part.traits.needsEntropy }
    var stopsGradient: Bool { part.traits.stopsGradient }
    var epochs: Int { part.traits.epochs }

    func advantages(for batch: RolloutBatch) throws -> AdvantageBatch {
        try part.call(
            RemoteCall(.advantages, item: "advantages") {
                $0.write(batch)
            } decode: { reader throws(WireError) in
                try reader.read(AdvantageBatch.self)
            })
    }

    func loss(for batch: PolicyLossBatch) throws -> PolicyLoss {
        try part.call(
            RemoteCall(.loss, item: "loss") {
                $0.write(batch)
            } decode: { reader throws(WireError) in
                try reader.read(PolicyLoss.self)
            })
    }
}

/// A task in a worker process.
struct RemoteTask: TaskEvaluator {
    private let part: RemotePart

    init(_ part: RemotePart) { self.part = part }

    var name: String { part.traits.name }
    var metrics: [String] { part.traits.metrics }

    func examples(in split: Split) throws -> [Example] {
        try part.call(
            RemoteCall(.examples, item: split.rawValue) {
                $0.write(raw: split)
            } decode: { reader throws(WireError) in
                try reader.array(of: Example.self)
            })
    }

    func prompt(for example: Example) throws -> Prompt {
        try part.call(
            RemoteCall(.prompt, item: example.id) {
                $0.write(example)
            } decode: { reader throws(WireError) in
                try reader.read(Prompt.self)
            })
    }

    func answer(in response: String) throws -> String? {
        try part.call(
            RemoteCall(.answer, item: nil) {
                $0.write(response)
            } decode: { reader throws(WireError) in
                try reader.optionalText()
            })
    }

    func grade(_ response: String, for example: Example) throws -> Grade {
        try part.call(
            RemoteCall(.grade, item: example.id) {
                $0.write(response)
                $0.write(example)
            } decode: { reader throws(WireError) in
                try reader.read(Grade.self)
            })
    }
}

/// A teacher in a worker process.
struct RemoteTeacher: TeacherSource {
    private let part: RemotePart

    init(_ part: RemotePart) { self.part = part }

    var name: String { part.traits.name }

    func respond(
        to prompts: [Prompt], plan: SamplingPlan, observer: RunObserver
    ) async throws -> [[Response]] {
        var call = RemoteCall(.respond, item: nil) {
            $0.write(prompts)
            $0.write(plan)
        } decode: { reader throws(WireError) in
            try reader.array { reader throws(WireError) in try reader.array(of: Response.self) }
        }
        call.hasLimit = false
        call.observer = observer
        return try await part.callAway(call)
    }
}

/// A reward model in a worker process. What it learnt is gone with its process, unless it was made
/// from a saved one.
final class RemoteRewardModel: RewardModel {
    private let part: RemotePart
    /// The process that has learnt; `nil` before a fit.
    private let learnt = Mutex<Int?>(nil)

    init(_ part: RemotePart) { self.part = part }

    func fit(_ data: RewardTrainingData, checkpoint: String?, observer: RunObserver) async throws {
        var call = RemoteCall(.fit, item: nil) {
            $0.write(data)
            $0.write(checkpoint) { $0.write($1) }
        } decode: { _ in
        }
        call.hasLimit = false
        call.observer = observer
        try await part.callAway(call)
        let generation = part.currentGeneration()
        learnt.withLock { $0 = generation }
    }

    func score(_ items: [ScoringItem]) async throws -> [Double] {
        var call = RemoteCall(.score, item: nil) {
            $0.write(items)
        } decode: { reader throws(WireError) in
            try reader.read(numbers: Double.self)
        }
        call.neededGeneration = learnt.withLock { $0 }
        return try await part.callAway(call)
    }

    func save(to folder: String) async throws {
        var call = RemoteCall(.save, item: nil) {
            $0.write(folder)
        } decode: { _ in
        }
        call.hasLimit = false
        call.neededGeneration = learnt.withLock { $0 }
        try await part.callAway(call)
    }
}
