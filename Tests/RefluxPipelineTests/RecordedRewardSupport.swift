import Foundation
import RefluxCore
import RefluxFiles
import RefluxRewards
import RefluxTesting
import Synchronization

@testable import RefluxPipeline

/// Recorded responses to questions whose texts partly repeat, and a body of a few thousand numbers.
struct RecordedRewardFixture {
    let folder: TemporaryFolder

    /// 30 questions, the last six of which repeat the texts of the first six. Six models answer each:
    /// four give the answer with many a's, two give another with many b's.
    init() async throws {
        folder = try TemporaryFolder()
        var questions: [String] = []
        var responses: [String] = []
        for index in 0..<30 {
            let text = Self.text(of: index)
            questions.append(#"{"question": "\#(text)", "answer": "so\n#### \#(index % 24)"}"#)
            for model in 0..<6 {
                let isGood = model < 4
                let letters = (0..<4 + (index + model) % 3).map { place in
                    (place + index) % 4 == 0 ? (isGood ? "b" : "a") : (isGood ? "a" : "b")
                }
                let answer = index % 24 + (isGood ? 0 : 100)
                responses.append(
                    Self.line(index, "m\(model)", "\(letters.joined())#### \(answer)"))
            }
        }
        try folder.write(questions.joined(separator: "\n"), to: "questions.jsonl")
        try folder.write(responses.joined(separator: "\n"), to: "responses.jsonl")
        try Files.makeFolder("\(folder.path)/body")
        try await LinearEngine(corpus: [(prompt: "Q", response: "aab#### 1")])
            .exportModel(to: "\(folder.path)/body")
    }

    /// A line of a file of responses.
    static func line(_ id: Int, _ model: String, _ response: String) -> String {
        "{\"id\": \(id), \"model\": \"\(model)\", \"response\": \"\(response)\"}"
    }

    static func text(of index: Int) -> String { "How many are \(index % 24)?" }

    /// The responses, with a reward model of some kind, whose keys are set where it is fresh.
    func source(
        use: String = "language-model", responses: String = "responses.jsonl",
        isFresh: Bool = true,
        _ overrides: String...
    ) -> RecordedSource {
        let sizes =
            isFresh && use == "language-model"
            ? [
                "reward.steps=6", "reward.batch_pairs=4", "reward.checkpoint_every=2",
                "reward.learning_rate=0.05",
            ] : []
        return RecordedSource(
            task: "gsm8k", questions: "\(folder.path)/questions.jsonl",
            responses: "\(folder.path)/\(responses)", fields: ResponseFields(id: "id"),
            rewardModel: .fresh(
                use: use, body: use == "language-model" ? "\(folder.path)/body" : nil),
            overrides: ["task.prompt=text"] + sizes + overrides)
    }

    /// Fits into a folder.
    func fit(
        _ source: RecordedSource, _ settings: RewardFitSettings, to name: String = "fit",
        registry: ExtensionRegistry? = nil,
        models: any LanguageModelProvider = LinearEngineProvider()
    ) async throws -> RecordedRewardReport {
        try await RecordedRewardFit(
            source, settings: settings, folder: "\(folder.path)/\(name)",
            registry: registry ?? builtInRegistry(), models: models, console: Console(style: .quiet)
        ).run()
    }

    /// The ids on both sides of a fit.
    func split(_ name: String = "fit") throws -> RewardFitSplit {
        let path = "\(folder.path)/\(name)/split.json"
        return try JSONText.decode(RewardFitSplit.self, from: Files.read(path), path: path)
    }
}

/// A reward model that keeps what it is taught, and scores by the author's number in the text.
final class RewardSpy: RewardModel {
    private let taught: Mutex<[[RewardTrainingData.Item]]>

    init() { taught = Mutex([]) }

    var groups: [[RewardTrainingData.Item]] { taught.withLock { $0 } }

    func fit(_ data: RewardTrainingData, checkpoint: String?, observer: RunObserver) {
        taught.withLock { $0 = data.groups }
    }

    /// `score=N` in a response is its score.
    func score(_ items: [ScoringItem]) -> [Double] {
        items.map { item in
            item.text.firstRange(of: "score=").flatMap { range in
                Double(item.text[range.upperBound...].prefix { !$0.isWhitespace })
            } ?? 0
        }
    }

    func save(to folder: String) {}

    /// The built-in parts and this one as `spy`.
    func registry() throws -> ExtensionRegistry {
        var registry = try builtInRegistry()
        try registry.register(.rewardModel, id: "spy", title: "Keeps what it is taught") {
            reader, _ in
            _ = try reader.optionalString("load")
            return self
        }
        return registry
    }
}
