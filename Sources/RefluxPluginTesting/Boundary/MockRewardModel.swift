import CRefluxPlugin
public import RefluxPluginKit

extension MockHost {
    /// Makes a reward model. Settings that are left out have their defaults; `folder` is one that
    /// ``MockRewardModel/save(to:)`` wrote.
    public func rewardModel(
        _ id: String, settings: JSONValue = [:], loadedFrom folder: String? = nil
    ) throws -> MockRewardModel {
        let model = MockRewardModel(
            instance: try MockInstance(
                self, kind: REFLUX_KIND_REWARD_MODEL, id: id, settings: settings
            ) { ($0.create, $0.destroy) })
        if let folder { try model.load(from: folder) }
        return model
    }
}

/// A reward model behind the boundary.
public struct MockRewardModel: Sendable {
    let instance: MockInstance<reflux_reward_model_table>

    /// Whether it learns, saves and loads.
    public var isTrainable: Bool { instance.table.fit != nil }

    /// Scores responses; every score is finite.
    public func score(_ items: [ScoringItem]) throws -> [Double] {
        let arena = Arena()
        let scores = arena.buffer(Double.nan, count: items.count, "the scores")
        let score = try function(instance.table.score, "score")
        let pointers = arena.pointers(to: items.map { arena.item($0) })
        let (_, result) = try instance.call(arena) { record in
            let status = score(
                instance.handle, record.pointer, pointers, UInt64(items.count), scores)
            return (status, items.indices.map { scores[$0] })
        }
        guard result.allSatisfy(\.isFinite) else {
            throw MockHostError.contract("The scores are \(result), wanted finite numbers.")
        }
        return result
    }

    /// Learns from labelled responses.
    public func fit(_ data: TrainingData, checkpoint: String? = nil) throws {
        let arena = Arena()
        let items = data.groups.joined().map { item in
            reflux_training_item(
                struct_size: structSize(through: \reflux_training_item.weight),
                role: item.role.code, item: arena.pointer(to: arena.item(item.item)),
                reward: item.reward, weight: item.weight)
        }
        let offsets = data.groups.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
        let input = reflux_training_data(
            struct_size: structSize(through: \reflux_training_data.seed), reserved: 0,
            items: arena.pointers(to: items), item_count: UInt64(items.count),
            group_offsets: arena.counts(offsets), group_count: UInt64(data.groups.count),
            seed: data.seed)
        let fit = try function(instance.table.fit, "fit")
        let folder = arena.string(checkpoint)
        _ = try instance.call(arena) {
            (fit(instance.handle, $0.pointer, arena.pointer(to: input), folder), ())
        }
    }

    /// Saves the model into an existing, empty folder.
    public func save(to folder: String) throws {
        let arena = Arena()
        let save = try function(instance.table.save, "save")
        _ = try instance.call(arena) {
            (save(instance.handle, $0.pointer, arena.string(folder)), ())
        }
    }

    fileprivate func load(from folder: String) throws {
        let arena = Arena()
        let load = try function(instance.table.load, "load")
        _ = try instance.call(arena) {
            (load(instance.handle, $0.pointer, arena.string(folder)), ())
        }
    }
}
