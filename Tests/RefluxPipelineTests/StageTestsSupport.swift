import Foundation
import RefluxCore
import RefluxFiles
import RefluxTesting
import Synchronization

@testable import RefluxPipeline

/// A task that a bigram model can learn: every question ends in `=` and the answer is always 7.
struct SevenTask: TaskEvaluator {
    let name = "seven"
    let metrics = ["exact"]

    func examples(in split: Split) -> [Example] {
        (0..<(split == .test ? 10 : 24)).map { index in
            Example(
                id: "seven/\(split.rawValue)/\(index)", index: index, question: "q\(index)=",
                gold: "7", solution: "7")
        }
    }

    func prompt(for example: Example) -> Prompt {
        Prompt(id: example.id, index: example.index, content: .text(example.question))
    }

    func answer(in response: String) -> String? {
        response.count == 1 && response.allSatisfy(\.isNumber) ? response : nil
    }

    func grade(_ response: String, for example: Example) -> Grade {
        let answer = answer(in: response)
        return Grade(correct: ["exact": answer == example.gold], parsed: answer != nil)
    }
}

/// What a test does to the engines of a run.
struct Sabotage: Sendable {
    /// The call of an engine, counted over the run, that throws; `nil` lets all pass.
    var failingCall: Int?
    /// The update, counted over the run, before which log-probabilities become NaN.
    var numericFailureAfterUpdates: Int?
}

/// Opens linear engines that fail when they are told to, as a killed process would.
final class SabotagedProvider: LanguageModelProvider {
    let name = "sabotaged"
    let calls = Counter()
    let updates = Mutex(0)
    let sabotage: Sabotage

    init(_ sabotage: Sabotage = Sabotage()) { self.sabotage = sabotage }

    func open(_ path: String, options: ModelOptions) async throws -> any LanguageModelEngine {
        SabotagedEngine(
            engine: try await LinearEngineProvider().open(path, options: options), provider: self)
    }
}

struct SabotagedEngine: LanguageModelEngine {
    let engine: any LanguageModelEngine
    let provider: SabotagedProvider

    var info: ModelInfo { engine.info }
    var tokenizer: any Tokenizer { engine.tokenizer }

    private func count() throws {
        if provider.calls.increment() == provider.sabotage.failingCall {
            throw RefluxError(.system, found: "the power went out")
        }
    }

    func sample(
        _ requests: [SampleRequest], finished: @escaping @Sendable () -> Void
    ) async throws -> [[SampledResponse]] {
        try count()
        return try await engine.sample(requests, finished: finished)
    }

    func logProbabilities(
        of batch: [TokenSequence], reading: TokenReading
    ) async throws -> TokenReadings {
        try count()
        return try await engine.logProbabilities(of: batch, reading: reading)
    }

    func accumulateGradient(
        of batch: [TokenSequence], reading: TokenReading,
        loss: @escaping @Sendable (TokenReadings) throws -> TokenGradients
    ) async throws -> TokenReadings {
        try count()
        let updates = provider.updates.withLock { $0 }
        let isBroken = provider.sabotage.numericFailureAfterUpdates.map { updates >= $0 } ?? false
        return try await engine.accumulateGradient(of: batch, reading: reading) { readings in
            var readings = readings
            if isBroken { readings.logProbabilities[0] = .nan }
            return try loss(readings)
        }
    }

    func applyUpdate(_ update: UpdateSettings) async throws -> UpdateReport {
        try count()
        provider.updates.withLock { $0 += 1 }
        return try await engine.applyUpdate(update)
    }

    func save(to folder: String) async throws {
        try count()
        try await engine.save(to: folder)
    }

    func load(from folder: String) async throws { try await engine.load(from: folder) }

    func exportModel(to folder: String) async throws {
        try count()
        try await engine.exportModel(to: folder)
    }
}

/// A run of all stages on ``SevenTask`` with linear engines.
struct SevenRun {
    let folder: TemporaryFolder
    var registry: ExtensionRegistry

    /// Writes a teacher that mostly says 7 and a student that says anything.
    init() async throws {
        folder = try TemporaryFolder()
        var registry = try builtInRegistry()
        try registry.register(.task, id: "seven", title: "Always 7") { _, _ in SevenTask() }
        try registry.register(.rule, id: "throwing", title: "Throws on one prompt") { _, _ in
            ThrowingRule()
        }
        try registry.register(.rule, id: "generous", title: "Gives 3 and takes 2") { _, _ in
            GenerousRule()
        }
        try registry.register(.optimizer, id: "contrary", title: "Unlearns") { _, _ in Contrary() }
        self.registry = registry
        let answers = ["7", "7", "7", "7", "7", "3", "5", "5"]
        let teacher = answers.flatMap { answer in
            [String](repeating: answer, count: 20).map { (prompt: "q=", response: $0) }
        }
        let student = "0123456789".flatMap { digit in
            [(prompt: "q=", response: String(digit)), (prompt: "q=", response: "?\(digit)")]
        }
        try await write(LinearEngine(corpus: teacher), to: "teacher")
        try await write(LinearEngine(corpus: student), to: "student")
    }

    private func write(_ engine: LinearEngine, to name: String) async throws {
        let path = "\(folder.path)/\(name)"
        try Files.makeFolder(path)
        try await engine.exportModel(to: path)
    }

    /// The run file.
    var text: String {
        """
        run: {name: seven, seed: 3}
        task: {use: seven, held_out: 0.25}
        teachers:
          - {use: local-model, model: \(folder.path)/teacher, samples: 4, temperatures: [0.8, 1.0],
             max_tokens: 4, batch_prompts: 7}
        student: {model: \(folder.path)/student}
        label: {use: teacher-majority, min_share: 0.5}
        warmup: {epochs: 2, learning_rate: 0.3, batch_sequences: 24, warmup_steps: 2,
                 checkpoint_every: 5, prompt_limit: 12, micro_batch_tokens: 70}
        sample: {samples: 3, temperature: 1, max_tokens: 4, batch_prompts: 9}
        reward: {use: language-model, body: teacher, steps: 12, batch_pairs: 6,
                 learning_rate: 0.05, checkpoint_every: 5}
        reinforce: {use: ppo, steps: 12, prompts_per_step: 5, samples_per_prompt: 6,
                    learning_rate: 0.1, warmup_steps: 2, max_tokens: 4, checkpoint_every: 4,
                    evaluate_every: 3, evaluate_problems: 4, micro_batch_tokens: 80}
        evaluate: {max_tokens: 4, batch: 4}

        """
    }

    /// Carries the run out, or what is left of it in the folder `runs`.
    @discardableResult
    func carryOut(
        _ overrides: [String] = [], in runs: String = "runs", text: String? = nil,
        models: SabotagedProvider = SabotagedProvider()
    ) async throws -> EvaluationResult {
        try await Pipeline.open(
            runFile: folder.write(text ?? self.text, to: "seven.yaml"),
            options: Pipeline.Options(
                runsFolder: "\(folder.path)/\(runs)", overrides: overrides, isQuiet: true),
            registry: registry, models: models
        ).run()
    }

    /// A file of the run folder.
    func read(_ name: String, in runs: String = "runs") throws -> String {
        try folder.read("\(runs)/seven/\(name)")
    }

    /// The numbers of a model that a stage left.
    func model(_ name: String, in runs: String = "runs") throws -> JSONValue {
        let path = "\(folder.path)/\(runs)/seven/\(name)/linear.json"
        return try JSONText.decode(JSONValue.self, from: Files.read(path), path: path)
    }

    /// The metrics of a stage, line by line.
    func metrics(_ stage: StageID, in runs: String = "runs") throws -> [[String: Double]] {
        try MetricsFile.lines(at: "\(folder.path)/\(runs)/seven/\(stage.rawValue)/metrics.jsonl")
    }
}

/// Fails on the prompt with index 2 and accepts 7 elsewhere.
struct ThrowingRule: PseudoRewardRule {
    let name = "throwing"

    func judge(_ group: ResponseGroup) throws -> GroupJudgement {
        if group.prompt.index == 2 { throw RefluxError(.internalFault, found: "no idea") }
        return GroupJudgement(
            label: "7", verdicts: group.answers.map { .reward($0 == "7" ? 1 : 0) })
    }
}

/// Rewards that are no probabilities, as shaping terms may give them.
struct GenerousRule: PseudoRewardRule {
    let name = "generous"

    func judge(_ group: ResponseGroup) -> GroupJudgement {
        GroupJudgement(label: "7", verdicts: group.answers.map { .reward($0 == "7" ? 3 : -2) })
    }
}

/// REINFORCE with the wrong sign: makes rewarded responses rarer.
struct Contrary: PolicyOptimizer {
    let name = "contrary"

    func advantages(for batch: RolloutBatch) -> AdvantageBatch {
        AdvantageBatch(advantages: batch.perToken { -batch.rewards[$0] }, returns: [])
    }

    func loss(for batch: PolicyLossBatch) -> PolicyLoss {
        let n = Float(batch.totalTokens)
        let terms = zip(batch.advantages, batch.logProbabilities)
        return PolicyLoss(
            value: Double(terms.reduce(0) { $0 - $1.0 * $1.1 } / n),
            byLogProbability: batch.advantages.map { -$0 / n })
    }
}
