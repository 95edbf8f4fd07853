import CRefluxPlugin
import RefluxCore
import Synchronization

/// A rule of a plugin.
final class PluginRule: PseudoRewardRule, @unchecked Sendable {
    let name: String
    let needsGold: Bool
    private let instance: PluginInstance
    private let table: reflux_rule_table

    /// Makes an instance.
    init(_ origin: InstanceOrigin, _ table: reflux_rule_table) throws {
        instance = try PluginInstance(origin, create: table.create, destroy: table.destroy)
        name = origin.request.name
        needsGold = table.needs_gold != 0
        self.table = table
    }

    func judge(_ group: ResponseGroup) async throws -> GroupJudgement {
        guard let judge = table.judge else { throw instance.site.missing("judge") }
        let count = group.responses.count
        let arena = CallArena()
        let input = arena.group(group, withGold: needsGold)
        let rewards = arena.output("rewards", count: count, filledWith: Unset.double)
        let sink = arena.judgement(rewards)
        let frame = CallFrame(
            function: "judge", item: group.prompt.id, promptIndex: group.prompt.index,
            itemCount: count)
        let outputs = try instance.perform(frame, arena: arena) { judge($0, $1, input, sink) }
        let draft = outputs.judgement
        return GroupJudgement(
            label: draft.label, abstention: draft.label == nil ? draft.abstention : nil,
            verdicts: try (0..<count).map { index in
                if let reason = draft.abstentions[index] { return .abstain(reason) }
                return .reward(try check(rewards[index], of: index, in: group))
            },
            metrics: outputs.metricsByName)
    }

    private func check(
        _ reward: Double, of index: Int, in group: ResponseGroup
    ) throws -> Double {
        guard reward >= 0, reward <= 1 else {
            throw instance.site.error(
                .callResult, item: group.prompt.id,
                found: "the reward of response \(index) \(Unset.describe(reward))",
                wanted: "a number from 0 to 1, or an abstention")
        }
        return reward
    }
}

extension CallArena {
    /// A group of responses.
    fileprivate func group(
        _ group: ResponseGroup, withGold: Bool
    ) -> UnsafePointer<reflux_group> {
        var raw = reflux_group()
        raw.struct_size = UInt32(TableCopy.size(through: \reflux_group.gold))
        raw.prompt = prompt(group.prompt)
        let count = group.responses.count
        raw.responses = pointers(count: count) { index in
            let answer = index < group.answers.count ? group.answers[index] : nil
            return response(group.responses[index], answer: answer)
        }
        raw.response_count = UInt64(count)
        raw.gold = text(withGold ? group.gold : nil)
        return put(raw)
    }

    /// Where the judgement goes.
    fileprivate func judgement(
        _ rewards: UnsafeMutablePointer<Double>
    ) -> UnsafePointer<reflux_judgement> {
        var raw = reflux_judgement()
        raw.struct_size = UInt32(TableCopy.size(through: \reflux_judgement.abstain))
        raw.rewards = rewards
        raw.set_label = { call, text in LiveCalls.find(call)?.setLabel(text) }
        raw.set_abstention = { call, text in LiveCalls.find(call)?.setAbstention(text) }
        raw.abstain = { call, index, text in LiveCalls.find(call)?.abstain(index, text) }
        return put(raw)
    }
}

extension PluginCall {
    fileprivate func setLabel(_ text: reflux_string) {
        guard let label = take("the label", text) else { return }
        outputs.withLock { $0.judgement.label = label }
    }

    fileprivate func setAbstention(_ text: reflux_string) {
        guard let reason = takeFilled("the reason of the abstention", text) else { return }
        outputs.withLock { $0.judgement.abstention = reason }
    }

    fileprivate func abstain(_ index: UInt64, _ text: reflux_string) {
        guard index < UInt64(itemCount) else {
            return refuse(
                "abstain names response \(index)",
                wanted: "the index of one of the \(itemCount) responses")
        }
        guard let reason = takeFilled("the abstention of response \(index)", text) else { return }
        outputs.withLock { $0.judgement.abstentions[Int(index)] = reason }
    }
}
