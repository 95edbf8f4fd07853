import CRefluxPlugin

/// A rule behind a handle.
final class RuleInstance: Sendable {
    let rule: any PseudoRewardRule

    init(_ rule: any PseudoRewardRule) {
        self.rule = rule
    }
}

/// The function table of a rule.
func ruleTable(create: @escaping Creator, needsGold: Bool) -> reflux_rule_table {
    reflux_rule_table(
        struct_size: structSize(through: \reflux_rule_table.judge), needs_gold: needsGold ? 1 : 0,
        create: create, destroy: Slots.destroy,
        judge: { handle, call, group, out in
            answer(call) { scope in
                let rule = try instance(handle, as: RuleInstance.self).rule
                let group = try ResponseGroup(required(group, "the group"))
                let out = try required(out, "the judgement")
                let judgement = try rule.judge(group, call: scope)
                try judgement.write(to: out, call: call, responses: group.responses.count)
                scope.metrics(judgement.metrics)
            }
        })
}

extension ResponseGroup {
    fileprivate init(_ group: reflux_group) throws {
        self.init(
            prompt: try Prompt(required(group.prompt, "the prompt")),
            responses: try structs(group.responses, group.response_count).map(Response.init),
            gold: group.gold.text)
    }
}

extension Judgement {
    fileprivate func write(
        to out: reflux_judgement, call: OpaquePointer?, responses: Int
    ) throws {
        guard verdicts.count == responses else {
            throw PluginError("It gave \(verdicts.count) verdicts for \(responses) responses.")
        }
        if let label { lend(label) { out.set_label(call, $0) } }
        if let abstention { lend(abstention) { out.set_abstention(call, $0) } }
        for (index, verdict) in verdicts.enumerated() {
            switch verdict {
            case .reward(let reward): out.rewards[index] = reward
            case .abstain(let reason): lend(reason) { out.abstain(call, UInt64(index), $0) }
            }
        }
    }
}
