import Foundation
public import RefluxCore

/// Checks that a reward model keeps the promises of ``RewardModel``.
public enum RewardModelConformance {
    /// Checks a reward model.
    ///
    /// - Parameters:
    ///   - data: labelled responses to learn from, small enough to be learnt twice; none may be
    ///     empty.
    ///   - make: makes the model anew, as its factory would.
    ///   - load: loads what the model saved; without it saving is only tried.
    /// - Throws: ``ConformanceFailure``, or what the model throws.
    public static func check(
        data: RewardTrainingData, make: () async throws -> any RewardModel,
        load: ((_ folder: String) async throws -> any RewardModel)? = nil
    ) async throws {
        let items = data.groups.flatMap { $0.map(\.item) }
        let model = try await make()
        try await model.fit(data, checkpoint: nil, observer: .silent)
        let scores = try await checkScores(of: items, by: model)

        let twin = try await make()
        try await withFolder { folder in
            try await twin.fit(data, checkpoint: folder, observer: .silent)
            let resumed = try await make()
            try await resumed.fit(data, checkpoint: folder, observer: .silent)
            try require(
                try await twin.score(items) == scores, "The same data gives the same model",
                found: "the scores differ")
            try require(
                try await resumed.score(items) == scores,
                "A fit that finds a finished state ends with the same model",
                found: "the scores differ")
        }
        try await withFolder { folder in
            try await model.save(to: folder)
            guard let load else { return }
            let loaded = try await load(folder)
            try require(
                try await loaded.score(items) == scores, "A loaded model scores as the saved one",
                found: "the scores differ")
        }
    }

    private static func checkScores(
        of items: [ScoringItem], by model: any RewardModel
    ) async throws -> [Double] {
        try require(
            try await model.score([]).isEmpty, "No items have no scores", found: "there are some")
        let scores = try await model.score(items)
        try require(
            scores.count == items.count, "Every item has a score",
            found: "there are \(scores.count) for \(items.count)")
        try require(scores.allSatisfy(\.isFinite), "Scores are finite", found: "one is not")
        try require(
            try await model.score(items) == scores, "Scoring twice gives the same scores",
            found: "they differ")
        let backwards = try await model.score(items.reversed())
        try require(
            zip(backwards.reversed(), scores).allSatisfy { abs($0 - $1) <= 1e-4 * (1 + abs($1)) },
            "Scores go with their items when these change places", found: "they differ")
        return scores
    }
}

/// Runs a body with a fresh folder, which is removed afterwards.
func withFolder(_ body: (_ path: String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
        path: "reflux-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder.path)
}
