import CRefluxPlugin

/// Reads the function table of one extension.
struct TableReader {
    /// The library's reader.
    let reader: EntryReader
    /// The extension's id, for errors.
    let id: String

    /// Reads a table and refuses it when a required function is NULL.
    func table(_ kind: PluginKind, _ pointer: UnsafeRawPointer?) throws -> ExtensionTable {
        guard let pointer else { throw missing("table") }
        switch kind {
        case .pseudoRewardRule: return .rule(try rule(pointer))
        case .policyOptimizer: return .optimizer(try optimizer(pointer))
        case .taskEvaluator: return .task(try task(pointer))
        case .teacherSource: return .teacher(try teacher(pointer))
        case .rewardModel: return .rewardModel(try rewardModel(pointer))
        }
    }

    private func rule(_ pointer: UnsafeRawPointer) throws -> reflux_rule_table {
        let table = try reader.copy(
            pointer, "reflux_rule_table", through: \reflux_rule_table.judge, last: "judge",
            into: reflux_rule_table())
        try require(table.create, "create")
        try require(table.destroy, "destroy")
        try require(table.judge, "judge")
        return table
    }

    private func optimizer(_ pointer: UnsafeRawPointer) throws -> reflux_optimizer_table {
        let table = try reader.copy(
            pointer, "reflux_optimizer_table", through: \reflux_optimizer_table.compute_loss,
            last: "compute_loss", into: reflux_optimizer_table())
        try require(table.create, "create")
        try require(table.destroy, "destroy")
        try require(table.get_traits, "get_traits")
        try require(table.compute_advantages, "compute_advantages")
        try require(table.compute_loss, "compute_loss")
        return table
    }

    private func task(_ pointer: UnsafeRawPointer) throws -> reflux_task_table {
        let table = try reader.copy(
            pointer, "reflux_task_table", through: \reflux_task_table.grade, last: "grade",
            into: reflux_task_table())
        try require(table.create, "create")
        try require(table.destroy, "destroy")
        try require(table.list_metrics, "list_metrics")
        try require(table.load_examples, "load_examples")
        try require(table.write_prompt, "write_prompt")
        try require(table.read_answers, "read_answers")
        try require(table.grade, "grade")
        return table
    }

    private func teacher(_ pointer: UnsafeRawPointer) throws -> reflux_teacher_table {
        let table = try reader.copy(
            pointer, "reflux_teacher_table", through: \reflux_teacher_table.respond,
            last: "respond", into: reflux_teacher_table())
        try require(table.create, "create")
        try require(table.destroy, "destroy")
        try require(table.respond, "respond")
        return table
    }

    /// The table of a reward model that only scores may end with `score`.
    private func rewardModel(_ pointer: UnsafeRawPointer) throws -> reflux_reward_model_table {
        let table = try reader.copy(
            pointer, "reflux_reward_model_table", through: \reflux_reward_model_table.score,
            last: "load", into: reflux_reward_model_table())
        try require(table.create, "create")
        try require(table.destroy, "destroy")
        try require(table.score, "score")
        guard (table.save == nil) == (table.load == nil) else {
            throw missing(table.save == nil ? "save, but not load," : "load, but not save,")
        }
        return table
    }

    private func require<Function>(_ function: Function?, _ name: String) throws {
        if function == nil { throw missing(name) }
    }

    private func missing(_ name: String) -> any Error {
        reader.error(
            .loadFunction, found: "\(name) of the extension \"\(id)\" is NULL",
            wanted: "a function table whose required functions are all there")
    }
}
