import CRefluxPlugin
import RefluxCore
import RefluxFiles

/// A reward model of a plugin. A saved one is a folder with `extension.json`, which says whose it is,
/// and the folder `state`, which is the plugin's own.
final class PluginRewardModel: RewardModel, @unchecked Sendable {
    private let instance: PluginInstance
    private let table: reflux_reward_model_table
    private let record: SavedExtension

    /// Makes an instance, and has it read what was saved when the request says so.
    init(_ origin: InstanceOrigin, _ table: reflux_reward_model_table) throws {
        var origin = origin
        if let folder = origin.request.load {
            let saved = try SavedExtension.read(folder)
            try saved.check(against: origin.site, folder: folder)
            origin.request.configuration = saved.configuration
        }
        record = SavedExtension(origin)
        instance = try PluginInstance(origin, create: table.create, destroy: table.destroy)
        self.table = table
        if let folder = origin.request.load { try load("\(folder)/\(SavedExtension.state)") }
    }

    private func load(_ folder: String) throws {
        guard let load = table.load else { return }
        guard Files.isFolder(folder) else {
            throw PluginCheck.instanceCreate.error(
                found: "there is no such folder", at: SourceLocation(path: folder),
                wanted: "the state of a saved reward model", remedy: "Save the model anew.")
        }
        let arena = CallArena()
        let path = arena.text(folder)
        _ = try instance.perform(CallFrame(function: "load", isLimited: false), arena: arena) {
            load($0, $1, path)
        }
    }

    func fit(
        _ data: RewardTrainingData, checkpoint: String?, observer: RunObserver
    ) async throws {
        guard let fit = table.fit else { return }
        let arena = CallArena()
        let input = arena.trainingData(data)
        let path = arena.text(checkpoint)
        let frame = CallFrame(function: "fit", isLimited: false, observer: observer)
        _ = try instance.perform(frame, arena: arena) { fit($0, $1, input, path) }
    }

    func score(_ items: [ScoringItem]) async throws -> [Double] {
        guard let score = table.score else { throw instance.site.missing("score") }
        let arena = CallArena()
        let packed = arena.scoringItems(items)
        let input = arena.pointers(count: packed.count) { packed[$0] }
        let scores = arena.output("scores", count: items.count, filledWith: Unset.double)
        let frame = CallFrame(function: "score", itemCount: items.count)
        _ = try instance.perform(frame, arena: arena) {
            score($0, $1, input, UInt64(items.count), scores)
        }
        return try items.indices.map { index in
            guard scores[index].isFinite else {
                throw instance.site.error(
                    .callResult, item: items[index].prompt.id,
                    found: "score \(index) \(Unset.describe(scores[index]))",
                    wanted: "a finite number")
            }
            return scores[index]
        }
    }

    func save(to folder: String) async throws {
        try record.write(folder)
        guard let save = table.save else { return }
        let state = "\(folder)/\(SavedExtension.state)"
        try Files.makeFolder(state)
        let arena = CallArena()
        let path = arena.text(Files.expand(state))
        _ = try instance.perform(CallFrame(function: "save", isLimited: false), arena: arena) {
            save($0, $1, path)
        }
    }
}

extension CallArena {
    /// Items to be scored; those in a row that have one prompt share it.
    fileprivate func scoringItems(
        _ items: [ScoringItem]
    ) -> [UnsafePointer<reflux_scoring_item>] {
        var last: (prompt: Prompt, packed: UnsafePointer<reflux_prompt>)?
        return items.map { item in
            var raw = reflux_scoring_item()
            raw.struct_size = UInt32(TableCopy.size(through: \reflux_scoring_item.text))
            raw.finished = item.finished ? 1 : 0
            if let last, last.prompt == item.prompt {
                raw.prompt = last.packed
            } else {
                raw.prompt = prompt(item.prompt)
                last = raw.prompt.map { (item.prompt, $0) }
            }
            raw.text = text(item.text)
            return put(raw)
        }
    }

    /// What a reward model learns from.
    fileprivate func trainingData(
        _ data: RewardTrainingData
    ) -> UnsafePointer<reflux_training_data> {
        let items = data.groups.flatMap { $0 }
        let scored = scoringItems(items.map(\.item))
        let packed = zip(items, scored).map { item, scored in
            var raw = reflux_training_item()
            raw.struct_size = UInt32(TableCopy.size(through: \reflux_training_item.weight))
            raw.role = item.role.boundary
            raw.item = scored
            raw.reward = item.reward
            raw.weight = item.weight
            return put(raw)
        }
        var offsets = [0]
        for group in data.groups { offsets.append((offsets.last ?? 0) + group.count) }
        var raw = reflux_training_data()
        raw.struct_size = UInt32(TableCopy.size(through: \reflux_training_data.seed))
        raw.items = pointers(count: packed.count) { packed[$0] }
        raw.item_count = UInt64(packed.count)
        raw.group_offsets = counts(offsets)
        raw.group_count = UInt64(data.groups.count)
        raw.seed = data.seed
        return put(raw)
    }
}
