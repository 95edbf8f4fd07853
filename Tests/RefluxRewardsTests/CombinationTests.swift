import RefluxCore
import RefluxRewards
import RefluxTesting
import Testing

/// A rule that gives fixed verdicts, or throws.
private struct FixedRule: PseudoRewardRule {
    var name = "fixed"
    var verdicts: [Verdict] = []
    var error: (any Error)?
    var needsGold = false
    var label: String?

    func judge(_ group: ResponseGroup) throws -> GroupJudgement {
        if let error { throw error }
        return GroupJudgement(
            label: needsGold ? group.gold : label, abstention: label == nil ? "none" : nil,
            verdicts: verdicts, metrics: ["seen_gold": group.gold == nil ? 0 : 1])
    }
}

private let pair = PseudoRewardRuleConformance.group(["7", "8"], teachers: 0)

struct WeightedSumTests {
    private let first = FixedRule(name: "first", verdicts: [.reward(1), .abstain("tired")])
    private let second = FixedRule(
        name: "second", verdicts: [.reward(0.5), .reward(0.25)], label: "7")

    @Test func weightsCountRelativeToTheirSum() async throws {
        let judgement = try await WeightedSum([(first, 3), (second, 1)]).judge(pair)
        #expect(judgement.verdicts == [.reward(0.875), .abstain("first: tired")])
        #expect(judgement.label == "7" && judgement.abstention == nil)
    }

    @Test func theOthersMayDecide() async throws {
        let judgement = try await WeightedSum([(first, 3), (second, 1)], onAbstain: .skip)
            .judge(pair)
        #expect(judgement.verdicts.map(\.reward) == [0.875, 0.25])
        let alone = try await WeightedSum([(first, 1)], onAbstain: .skip).judge(pair)
        #expect(alone.verdicts[1] == .abstain("first: tired"))
        #expect(alone.abstention == "first: none")
    }

    @Test func aPartWithoutWeightIsOnlyWatched() async throws {
        let judgement = try await WeightedSum([(first, 0), (second, 2)]).judge(pair)
        #expect(judgement.verdicts.map(\.reward) == [0.5, 0.25])
        #expect(judgement.metrics["first.seen_gold"] == 0)
    }

    @Test func onlyPartsThatNeedGoldSeeIt() async throws {
        let gold = FixedRule(
            name: "gold", verdicts: [.reward(1), .reward(0)], needsGold: true)
        let rule = WeightedSum([(first, 1), (gold, 1), (first, 1)], onAbstain: .skip)
        #expect(rule.needsGold)
        let judgement = try await rule.judge(pair)
        #expect(
            judgement.metrics == [
                "first.seen_gold": 0, "gold.seen_gold": 1, "first 2.seen_gold": 0,
            ])
    }

    @Test func anErrorNamesItsPart() async throws {
        struct Trouble: Error {}
        let broken = RefluxError(.broken, found: "gone")
        for (error, wanted) in [
            (Trouble() as any Error, "the rule bad failed: Trouble()."),
            (RefluxError(.input, found: "no"), "the rule bad failed: no."), (broken, "gone."),
        ] {
            let bad = FixedRule(name: "bad", error: error)
            let found = await #expect(throws: RefluxError.self) {
                try await WeightedSum([(second, 1), (bad, 1)], onAbstain: .skip).judge(pair)
            }
            #expect(found?.description.hasSuffix(wanted) == true)
            #expect(error as? RefluxError == nil || (error as? RefluxError)?.kind == found?.kind)
        }
        await #expect(throws: CancellationError.self) {
            let bad = FixedRule(name: "second", error: CancellationError())
            return try await WeightedSum([(bad, 1)]).judge(pair)
        }
        for verdicts in [[], [Verdict.reward(.nan), .reward(1)]] {
            await #expect(throws: RefluxError.self) {
                try await WeightedSum([(FixedRule(verdicts: verdicts), 1)]).judge(pair)
            }
        }
    }
}

struct RuleEnsembleTests {
    private func ensemble(_ rewards: [Double], lambda: Double) async throws -> Double? {
        let group = PseudoRewardRuleConformance.group(["7"])
        let rules = rewards.map { FixedRule(verdicts: [.reward($0)]) }
        return try await RuleEnsemble(rules, lambda: lambda).judge(group).verdicts[0].reward
    }

    @Test func subtractsTheDeviationFromTheMean() async throws {
        #expect(try await ensemble([0.25, 0.75], lambda: 1) == 0.25)
        #expect(try await ensemble([0.25, 0.75], lambda: 0) == 0.5)
        #expect(try await ensemble([1, 1, 1], lambda: 5) == 1)
        #expect(try await ensemble([0, 1], lambda: 2) == 0)
        #expect(try await ensemble([3, 3], lambda: 1) == 1)
        // statistics.fmean and statistics.pstdev of Python: 0.5 - 0.5 * 0.2943920288775949
        let found = try await ensemble([0.2, 0.4, 0.9], lambda: 0.5)
        #expect(abs((found ?? .nan) - 0.3528039855612026) < 1e-12)
    }
}

struct NestedRuleTests {
    private let place = SourceLocation(path: "run.yaml", line: 1, key: "label.rules")

    private func table(_ keys: KeyValuePairs<String, ConfigurationValue>) -> ConfigurationNode {
        ConfigurationNode(
            .table(keys.map { ConfigurationEntry($0.key, ConfigurationNode($0.value, at: place)) }),
            at: place)
    }

    private func registry() throws -> ExtensionRegistry {
        var registry = ExtensionRegistry()
        try registerRules(in: &registry)
        try registry.register(.rule, id: "plugin", title: "From elsewhere") { reader, context in
            _ = try reader.int("strength", default: 3)
            return FixedRule(name: "plugin", verdicts: [.reward(1)])
        }
        return registry
    }

    private func rules(_ nodes: [ConfigurationNode], use: String = "weighted-sum") throws
        -> ConfigurationReader
    {
        try reader(["use": .string(use), "rules": .list(nodes)])
    }

    @Test func nestedTablesAreMadeByTheRegistryWithTheirDefaults() async throws {
        let reader = try rules([
            table([
                "use": .string("teacher-majority"), "weight": .number(0.8),
                "min_share": .number(0.5),
            ]),
            table(["use": .string("overlong"), "weight": .number(0.2)]),
            table([
                "use": .string("ensemble"),
                "rules": .list([
                    table(["use": .string("plugin")]), table(["use": .string("vote-share")]),
                ]),
            ]),
        ])
        _ = try registry().make(.rule, from: reader, context: context())
        let text = "\(reader.resolved.value)"
        for key in ["min_margin", "cut", "buffer", "lambda", "strength", "voters", "on_abstain"] {
            #expect(text.contains("key: \"\(key)\""), "\(key)")
        }
        // The resolved form reads back to itself.
        let again = try ConfigurationReader(reader.resolved)
        _ = try registry().make(.rule, from: again, context: context())
        #expect(again.resolved == reader.resolved)
    }

    @Test func refusesWhatIsWrongInside() throws {
        let wrong: [(String, [ConfigurationNode])] = [
            ("weighted-sum", []), ("ensemble", [table(["use": .string("overlong")])]),
            ("weighted-sum", [table(["use": .string("overlon")])]),
            ("weighted-sum", [table(["weight": .integer(1)])]),
            ("weighted-sum", [table(["use": .string("overlong"), "wight": .integer(1)])]),
            ("weighted-sum", [table(["use": .string("overlong"), "weight": .integer(0)])]),
            ("weighted-sum", [table(["use": .string("overlong"), "weight": .integer(-1)])]),
            ("ensemble", [table(["use": .string("overlong"), "weight": .integer(1)])]),
        ]
        for (use, nodes) in wrong {
            let error = #expect(throws: RefluxError.self) {
                try registry().make(.rule, from: rules(nodes, use: use), context: context())
            }
            #expect(error?.kind == .usage && error?.location != nil)
        }
    }

    @Test(arguments: ["weighted-sum", "ensemble"])
    func combinationsKeepThePromisesOfARule(use: String) async throws {
        let parts = ["teacher-majority", "format", "repetition"].map {
            table(["use": .string($0)])
        }
        for policy in ["abstain", "skip"] {
            let reader = try reader([
                "use": .string(use), "rules": .list(parts), "on_abstain": .string(policy),
            ])
            let rule = try registry().make(.rule, from: reader, context: context())
            try await PseudoRewardRuleConformance.check(rule)
            for group in PseudoRewardRuleConformance.groups {
                let judgement = try await rule.judge(group)
                for (verdict, answer) in zip(judgement.verdicts, group.answers) {
                    #expect((0...1).contains(verdict.reward ?? 0))
                    #expect(answer != nil || (verdict.reward ?? 0) == 0)
                }
            }
        }
    }
}
