import RefluxCore

/// A rule inside another one.
struct RulePart: Sendable {
    /// The rule.
    let rule: any PseudoRewardRule
    /// Its name among its siblings: the rule's, with a number behind it from the second such rule
    /// on.
    let name: String
    /// How much it counts; 0 is judged for its metrics only.
    let weight: Double

    /// Makes a part.
    init(rule: any PseudoRewardRule, name: String? = nil, weight: Double = 1) {
        self.rule = rule
        self.name = name ?? rule.name
        self.weight = weight
    }

    /// Makes parts of rules, which may have equal names.
    static func parts(_ rules: [(rule: any PseudoRewardRule, weight: Double)]) -> [RulePart] {
        var seen: [String: Int] = [:]
        return rules.map { rule, weight in
            let number = seen[rule.name, default: 0] + 1
            seen[rule.name] = number
            let name = number == 1 ? rule.name : "\(rule.name) \(number)"
            return RulePart(rule: rule, name: name, weight: weight)
        }
    }

    /// Reads the list of tables `rules`, each with a rule's keys and, where parts have weights,
    /// `weight`.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` when there are too few, and what the rules' own
    ///   tables have wrong.
    static func read(
        _ reader: ConfigurationReader, context: BuildContext, weighted: Bool, atLeast minimum: Int
    ) throws -> [RulePart] {
        let tables = try reader.tables("rules")
        guard tables.count >= minimum else {
            throw reader.wrong(
                "rules", wanted: "a list of tables, at least \(minimum), each with a rule's keys")
        }
        let rules = try tables.map { table in
            let weight = weighted ? try table.double("weight", default: 1, in: 0...1_000_000) : 1
            return (
                rule: try context.registry.make(.rule, from: table, context: context),
                weight: weight
            )
        }
        guard rules.contains(where: { $0.weight > 0 }) else {
            throw reader.wrong("rules", wanted: "a rule with a weight above 0")
        }
        reader.record("rules", .list(tables.map(\.resolved)))
        return parts(rules)
    }

    /// Has the rule judge a group; it sees gold only where it asks for it.
    ///
    /// - Throws: what the rule throws, with the part's name, and the same where its verdicts do not
    ///   fit. Cancellations and broken parts pass as they are.
    func judge(_ group: ResponseGroup) async throws -> GroupJudgement {
        var group = group
        if !rule.needsGold { group.gold = nil }
        let judgement: GroupJudgement
        do {
            judgement = try await rule.judge(group)
        } catch let error as CancellationError {
            throw error
        } catch var error as RefluxError {
            if error.kind != .broken { error.found = "the rule \(name) failed: \(error.found)" }
            throw error
        } catch {
            throw RefluxError(.input, found: "the rule \(name) failed: \(error)")
        }
        guard judgement.verdicts.count == group.responses.count,
            judgement.verdicts.allSatisfy({ $0.reward?.isFinite ?? true })
        else {
            throw RefluxError(
                .internalFault,
                found: "the rule \(name) gave \(judgement.verdicts.count) verdicts",
                wanted: "a finite one for each of the \(group.responses.count) responses")
        }
        return judgement
    }
}
