import Foundation
import RefluxCore
import RefluxPluginHost
import RefluxTesting

/// What the checker does with reward models.
struct RewardModelExercise: Exercise {
    private let batches: [[ScoringItem]]
    private let data: RewardTrainingData

    init(seed: UInt64) {
        var samples = Samples(seed: seed)
        batches = (1...6).map { samples.items($0 * $0) }
        let items = samples.items(24)
        data = RewardTrainingData(
            groups: stride(from: 0, to: 24, by: 4).map { first in
                items[first..<first + 4].enumerated().map { place, item in
                    RewardTrainingData.Item(
                        item: item, reward: place % 2 == 0 ? 1 : 0,
                        role: place < 2 ? .teacher : .student)
                }
            }, seed: seed)
    }

    var inputCount: Int { batches.count }

    func make(_ bench: Bench) throws -> any RewardModel {
        try bench.runtime.makeRewardModel(bench.request)
    }

    func output(of input: Int, from model: any RewardModel) async throws -> String {
        try await model.score(batches[input]).map(bits).joined(separator: " ")
    }

    func longCall(_ model: any RewardModel) async throws {
        var samples = Samples(seed: 0)
        let items = samples.items(5_000)
        for _ in 0..<20 {
            try Task.checkCancellation()
            _ = try await model.score(items)
        }
    }

    var behaviours: [Behaviour<any RewardModel>] {
        [
            Behaviour("ordinary", "every response gets a finite score") { model, bench in
                for items in batches { try await score(items, by: model, bench) }
            },
            Behaviour("no-items", "no responses have no scores") { model, bench in
                try await score([], by: model, bench)
            },
            Behaviour("unusual-texts", "empty, long and unusual texts get a finite score") {
                model, bench in
                let items = Samples.unusualTexts.map { text in
                    ScoringItem(
                        prompt: Prompt(id: "p/0", index: 0, content: .text(text)), text: text,
                        finished: false)
                }
                try await score(items, by: model, bench)
                for item in items { try await score([item], by: model, bench) }
            },
            Behaviour("places", "scores go with their responses when these change places") {
                model, bench in
                let items = batches[batches.count - 1]
                let scores = try await model.score(items)
                let backwards = try await model.score(items.reversed())
                let isSame = zip(backwards.reversed(), scores).allSatisfy {
                    abs($0 - $1) <= 1e-4 * (1 + abs($1))
                }
                guard isSame else {
                    throw bench.failure(
                        "behaviour.places", found: "other scores in another order",
                        wanted: "a score that depends on its own item",
                        remedy: "Score each item by itself.")
                }
            },
            Behaviour(
                "learning", "the same data gives the same model, which can be saved and loaded"
            ) { _, bench in
                try await conforming(bench, "behaviour.learning") {
                    try await RewardModelConformance.check(
                        data: data, make: { try make(bench) },
                        load: { folder in
                            try bench.runtime.makeRewardModel(
                                bench.request(configuration: bench.configuration, load: folder))
                        })
                }
            },
        ]
    }

    private func score(
        _ items: [ScoringItem], by model: any RewardModel, _ bench: Bench
    ) async throws {
        let scores = try await model.score(items)
        guard scores.count == items.count, scores.allSatisfy(\.isFinite) else {
            throw bench.failure(
                "call.result", found: "\(scores.count) scores for \(items.count) items",
                wanted: "one finite score for each", remedy: "Fill the whole buffer.")
        }
    }
}
