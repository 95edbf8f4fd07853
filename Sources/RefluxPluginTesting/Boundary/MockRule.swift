import CRefluxPlugin
public import RefluxPluginKit

extension MockHost {
    /// Makes a rule. Settings that are left out have their defaults.
    public func rule(_ id: String, settings: JSONValue = [:]) throws -> MockRule {
        MockRule(
            instance: try MockInstance(
                self, kind: REFLUX_KIND_PSEUDO_REWARD_RULE, id: id, settings: settings
            ) { ($0.create, $0.destroy) })
    }
}

/// A rule behind the boundary.
public struct MockRule: Sendable {
    let instance: MockInstance<reflux_rule_table>

    /// Whether the rule reads the gold; otherwise it is not given to it.
    public var needsGold: Bool { instance.table.needs_gold != 0 }

    /// Judges responses to the prompt `Q`.
    public func judge(responses: [Response], gold: String? = nil) throws -> Judgement {
        try judge(ResponseGroup(responses: responses, gold: gold))
    }

    /// Judges a group; the judgement has the metrics that were given meanwhile.
    ///
    /// - Throws: ``MockHostError``, of kind `contract` when a response has neither a reward from 0 to
    ///   1 nor an abstention with a reason.
    public func judge(_ group: ResponseGroup) throws -> Judgement {
        let arena = Arena()
        let count = group.responses.count
        let input = reflux_group(
            struct_size: structSize(through: \reflux_group.gold), reserved: 0,
            prompt: arena.pointer(to: arena.prompt(group.prompt)),
            responses: arena.pointers(to: group.responses.map { arena.response($0) }),
            response_count: UInt64(count), gold: arena.string(needsGold ? group.gold : nil))
        let out = reflux_judgement(
            struct_size: structSize(through: \reflux_judgement.abstain), reserved: 0,
            rewards: arena.buffer(Double.nan, count: count, "the rewards"),
            set_label: { call, label in
                let label = label.text
                CallRecord.note(call) { $0.label = label }
            },
            set_abstention: { call, reason in
                let reason = reason.text
                CallRecord.note(call) { $0.abstention = reason }
            },
            abstain: { call, index, reason in
                let reason = reason.text ?? ""
                CallRecord.note(call) { $0.abstentions[Int(index)] = reason }
            })
        let judge = try function(instance.table.judge, "judge")
        let (state, rewards) = try instance.call(item: group.prompt.index, arena) { record in
            let status = judge(
                instance.handle, record.pointer, arena.pointer(to: input), arena.pointer(to: out))
            return (status, (0..<count).map { out.rewards[$0] })
        }
        return try Judgement(state, rewards: rewards)
    }
}

extension Judgement {
    fileprivate init(_ state: CallRecord.State, rewards: [Double]) throws {
        if let wrong = state.abstentions.first(where: {
            !rewards.indices.contains($0.key) || $0.value.isEmpty
        }) {
            throw MockHostError.contract(
                "The response \(wrong.key) abstains because of \"\(wrong.value)\": the index has to "
                    + "be below \(rewards.count), the reason not empty.")
        }
        let verdicts = try rewards.enumerated().map { index, reward in
            if let reason = state.abstentions[index] { return Verdict.abstain(reason) }
            guard (0...1).contains(reward) else {
                throw MockHostError.contract(
                    "The reward of response \(index) is \(reward), wanted a number from 0 to 1.")
            }
            return .reward(reward)
        }
        self.init(
            label: state.label, abstention: state.abstention, verdicts: verdicts,
            metrics: state.journal.byName)
    }
}

extension Journal {
    /// The numbers by name; the last one counts.
    var byName: [String: Double] {
        Dictionary(metrics.map { ($0.name, $0.value) }) { $1 }
    }
}
