import Foundation
import RefluxCore
import RefluxTesting
import Synchronization
import Testing

@testable import RefluxRewards

/// Ensembles of scripted members; those of trained ones are in ``RewardKindsTests``.
struct EnsembleRewardTests {
    /// A reward model whose scores are known, as a plugin would provide it.
    private struct Scripted: RewardModel {
        let factor: Double
        let log: CallLog

        func fit(_ data: RewardTrainingData, checkpoint: String?, observer: RunObserver) {
            log.add("fit \(factor) seed \(data.seed)")
            observer.metrics(1, ["loss": factor])
            observer.metrics(2, ["loss": factor])
        }

        func score(_ items: [ScoringItem]) throws -> [Double] {
            if factor == 13 { throw RefluxError(.input, found: "no score") }
            return items.map { factor * Double($0.text.utf8.filter { $0 == 97 }.count) }
        }

        func save(to folder: String) throws {
            try Data("\(factor)".utf8).write(to: URL(filePath: "\(folder)/factor"))
        }
    }

    private final class CallLog: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private let data = RewardTrainingData(groups: labelledGroups(0..<10), seed: 5)
    private let log = CallLog()

    /// A table of members with these factors; 13 is one that fails.
    private func table(
        _ factors: [Double], _ keys: [String: ConfigurationValue] = [:]
    ) -> [String: ConfigurationValue] {
        let place = SourceLocation(path: "run.yaml", line: 1, key: "reward.members")
        let members = factors.map { factor in
            ConfigurationNode(
                .table([
                    .init("use", .init(.string("scripted"), at: place)),
                    .init("factor", .init(.number(factor), at: place)),
                ]), at: place)
        }
        return ["use": .string("ensemble"), "members": .list(members)].merging(keys) { $1 }
    }

    private func make(_ keys: [String: ConfigurationValue]) throws -> any RewardModel {
        var registry = ExtensionRegistry()
        try registerRewardModels(in: &registry)
        let log = log
        try registry.register(
            .rewardModel, id: "scripted", title: "a test's",
            origin: .plugin("test")
        ) { reader, _ in
            let factor = try reader.double("factor", default: 0)
            guard let folder = try reader.optionalString("load") else {
                return Scripted(factor: factor, log: log)
            }
            log.add("load \(factor)")
            let saved = try String(contentsOfFile: "\(folder)/factor", encoding: .utf8)
            return Scripted(factor: Double(saved) ?? 0, log: log)
        }
        return try registry.make(.rewardModel, from: try reader(keys), context: context(seed: 5))
    }

    private func item(_ text: String) -> ScoringItem {
        ScoringItem(prompt: Prompt(id: "p", index: 0, content: .text("p")), text: text)
    }

    @Test func subtractsTheDisagreement() async throws {
        let keys: [String: ConfigurationValue] = [
            "standardise": .bool(false), "lambda": .number(0.5),
        ]
        let model = try make(table([1, 3, 5], keys))
        try await model.fit(data, checkpoint: nil, observer: .silent)
        let scores = try await model.score([item("aab"), item("b")])
        // 2, 6 and 10: the mean 6, the deviation the root of 32 / 3.
        #expect(abs(scores[0] - (6 - 0.5 * (32.0 / 3).squareRoot())) < 1e-12)
        #expect(scores[1] == 0)
    }

    /// Members that differ in scale alone agree; the scale of the whole is the mean of theirs.
    @Test func standardisedMembersOfAnyScaleCountAlike() async throws {
        let model = try make(table([1, 100]))
        try await model.fit(data, checkpoint: nil, observer: .silent)
        let texts = ["", "a", "aa", "aaaaaaaa"]
        let scores = try await model.score(texts.map(item))
        for (text, score) in zip(texts, scores) {
            #expect(abs(score - 50.5 * Double(text.count)) < 1e-9)
        }
    }

    @Test func membersHaveSeedsOfTheirOwnAndCountTheirSteps() async throws {
        let steps = CallLog()
        try await fitWatching(table([1, 2])) { step, values in
            for (name, value) in values { steps.add("\(step) \(name) \(value)") }
        }
        #expect(log.all == ["fit 1.0 seed 5", "fit 2.0 seed 6"])
        #expect(
            steps.all == [
                "1 member0.loss 1.0", "2 member0.loss 1.0", "3 member1.loss 2.0",
                "4 member1.loss 2.0",
            ])
    }

    private func fitWatching(
        _ keys: [String: ConfigurationValue],
        _ metrics: @escaping @Sendable (Int, [String: Double]) -> Void
    ) async throws {
        try await make(keys).fit(data, checkpoint: nil, observer: RunObserver(metrics: metrics))
    }

    @Test func aFittedMemberIsNotFittedAgain() async throws {
        try await withFolder { folder in
            // The second member fails when its scores are asked for.
            let failing = try make(table([2, 13]))
            let error = await #expect(throws: RefluxError.self) {
                try await failing.fit(data, checkpoint: folder, observer: .silent)
            }
            #expect(error?.found == "member1 of the ensemble: no score")
            await #expect(throws: RefluxError.self) {
                try await make(table([2, 13])).fit(data, checkpoint: folder, observer: .silent)
            }
            #expect(log.all.filter { $0 == "fit 2.0 seed 5" }.count == 1)
            #expect(log.all.filter { $0 == "fit 13.0 seed 6" }.count == 2)
            // States of another training are not taken for this one's.
            let other = await #expect(throws: RefluxError.self) {
                try await make(table([2, 4])).fit(data, checkpoint: folder, observer: .silent)
            }
            #expect(other?.kind == .input && "\(other as Any)".contains("training.json"))
        }
    }

    /// A plugin's member is loaded with the settings that it was made with.
    @Test func aSavedEnsembleNeedsNothingElse() async throws {
        try await withFolder { folder in
            let model = try make(table([1, 3], ["lambda": .integer(2)]))
            try await model.fit(data, checkpoint: nil, observer: .silent)
            try await model.save(to: folder)
            let items = data.groups[0].map(\.item)
            let loaded = try make(["use": .string("ensemble"), "load": .string(folder)])
            #expect(try await loaded.score(items) == (try await model.score(items)))
            #expect(log.all.suffix(2) == ["load 1.0", "load 3.0"])
            let error = await #expect(throws: RefluxError.self) {
                try await loaded.fit(data, checkpoint: nil, observer: .silent)
            }
            #expect(error?.kind == .refused)
        }
        let absent = try make(["use": .string("ensemble"), "load": .string("/no/such")])
        let error = await #expect(throws: RefluxError.self) {
            try await absent.score([item("a")])
        }
        #expect(error?.description.contains("/no/such/ensemble.json") == true)
    }

    @Test(
        arguments: [
            ([1], [:], "at least 2"), ([1, 2], ["lambda": .integer(-1)], "to 1000"),
            ([1, 2], ["load": .string("x")], "members"),
            ([1, 2], ["lamda": .integer(1)], "lambda"),
        ] as [([Double], [String: ConfigurationValue], String)])
    func refusesWrongSettings(
        factors: [Double], keys: [String: ConfigurationValue], part: String
    ) {
        #expect {
            try make(table(factors, keys))
        } throws: { error in
            (error as? RefluxError)?.kind == .usage && "\(error)".contains(part)
        }
    }

    @Test func tablesComeBackFromJSON() throws {
        let place = SourceLocation(path: "x")
        func node(_ value: ConfigurationValue) -> ConfigurationNode { .init(value, at: place) }
        let table = ConfigurationValue.table([
            .init("a", node(.list([node(.integer(3)), node(.number(0.5)), node(.string("3"))]))),
            .init("b", node(.bool(true))), .init("c", node(.null)),
            .init("d", node(.table([.init("e", node(.string("Yes")))]))),
        ])
        let data = try JSONEncoder().encode(SavedTable(table))
        let again = try JSONDecoder().decode(SavedTable.self, from: data)
        guard case .table(let entries) = again.value else {
            Issue.record("no table")
            return
        }
        #expect(entries.map(\.key) == ["a", "b", "c", "d"])
        #expect(entries[1].node.value == .bool(true) && entries[2].node.value == .null)
        guard case .list(let list) = entries[0].node.value else {
            Issue.record("no list")
            return
        }
        #expect(list.map(\.value) == [.integer(3), .number(0.5), .string("3")])
    }
}
