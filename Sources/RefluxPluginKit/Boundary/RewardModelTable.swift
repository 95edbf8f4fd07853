import CRefluxPlugin

/// A reward model behind a handle. The host calls one function of an instance at a time, so that the
/// model may change in `fit` and `load` without a lock.
final class RewardModelInstance: @unchecked Sendable {
    var model: any RewardModel

    init(_ model: any RewardModel) {
        self.model = model
    }

    /// Lets a model that learns change.
    func change(_ body: (inout any TrainableRewardModel) throws -> Void) throws {
        guard var trainable = model as? any TrainableRewardModel else {
            throw PluginError("This reward model only scores.", isUnsupported: true)
        }
        try body(&trainable)
        model = trainable
    }
}

/// The function table of a reward model; with `isTrainable` it also learns, saves and loads.
func rewardModelTable(
    create: @escaping Creator, isTrainable: Bool
) -> reflux_reward_model_table {
    var table = reflux_reward_model_table()
    table.struct_size = structSize(through: \reflux_reward_model_table.load)
    table.create = create
    table.destroy = Slots.destroy
    table.score = { handle, call, items, count, scores in
        answer(call) { call in
            let model = try instance(handle, as: RewardModelInstance.self).model
            let items = try structs(items, count).map(ScoringItem.init)
            try fill(
                scores, count: count, with: model.score(items, call: call), called: "scores")
        }
    }
    guard isTrainable else { return table }
    table.fit = { handle, call, data, checkpoint in
        answer(call) { call in
            let data = try TrainingData(required(data, "the training data"))
            try instance(handle, as: RewardModelInstance.self).change {
                try $0.fit(data, checkpoint: checkpoint.text, call: call)
            }
        }
    }
    table.save = { handle, call, folder in
        answer(call) { call in
            try instance(handle, as: RewardModelInstance.self).change {
                try $0.save(to: folder.text ?? "", call: call)
            }
        }
    }
    table.load = { handle, call, folder in
        answer(call) { call in
            try instance(handle, as: RewardModelInstance.self).change {
                try $0.load(from: folder.text ?? "", call: call)
            }
        }
    }
    return table
}

extension TrainingData {
    fileprivate init(_ data: reflux_training_data) throws {
        let items = try structs(data.items, data.item_count).map { item in
            Item(
                try ScoringItem(required(item.item, "an item")), reward: item.reward,
                weight: item.weight, role: Response.Role(item.role))
        }
        let offsets = integers(data.group_offsets, data.group_count + 1)
        let groups = zip(offsets, offsets.dropFirst()).map { Array(items[$0..<$1]) }
        self.init(groups: groups, seed: data.seed)
    }
}
