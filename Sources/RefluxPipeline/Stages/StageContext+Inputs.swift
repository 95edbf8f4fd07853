import RefluxCore

/// What the stages say about their inputs.
extension StageContext {
    /// The inputs of a stage: resolved sections, the files that determine the parts which they name,
    /// and what is listed beside.
    ///
    /// - Parameters:
    ///   - sections: the sections of the run file that the stage reads.
    ///   - heldOut: whether `task.held_out` counts.
    ///   - adapter: whether `student.adapter` counts.
    ///   - files: further files.
    ///   - models: model folders.
    ///   - stages: earlier stages whose artefacts it reads.
    /// - Returns: the inputs.
    func inputs(
        of sections: String..., heldOut: Bool = false, adapter: Bool = false,
        files: [String] = [], models: [String] = [], stages: [StageID] = []
    ) -> StageInputs {
        StageInputs(
            settings: settings(sections, heldOut: heldOut, adapter: adapter),
            files: files + sections.flatMap(partFiles), models: models, stages: stages)
    }

    /// The files that determine the parts of a section beside its settings: plugins have such.
    private func partFiles(_ section: String) -> [String] {
        let table = node(configuration.resolved(section))
        let context = buildContext()
        switch section {
        case "task": return registry.files(.task, of: table, context: context)
        case "label": return registry.files(.rule, of: table, context: context)
        case "reward": return registry.files(.rewardModel, of: table, context: context)
        case "reinforce": return registry.files(.optimizer, of: table, context: context)
        case "teachers":
            guard case .list(let teachers) = table.value else { return [] }
            return teachers.flatMap { registry.files(.teacher, of: $0, context: context) }
        default: return []
        }
    }

    /// Resolved sections under their names, and the arithmetic, which every stage depends on.
    ///
    /// Left out are keys that change nothing in the stages that name the section: `task.test`, which
    /// only the evaluation reads, the floor, which only lets reinforcement start, and of each teacher
    /// its weight, which the labels depend on, and how it is reached. `task.held_out` and
    /// `student.adapter` count only where the stage says so.
    private func settings(
        _ sections: [String], heldOut: Bool, adapter: Bool
    ) -> ConfigurationValue {
        let ignored = [
            "task": heldOut ? ["test"] : ["test", "held_out"],
            "reward": ["floor", "override_floor"], "teachers": ["weight"],
        ]
        var entries = sections.map { name in
            let value = withoutReach(configuration.resolved(name), of: name)
            return ConfigurationEntry(name, node(value.without(ignored[name] ?? [])))
        }
        let precision = configuration.student.precision.rawValue
        entries.append(ConfigurationEntry("precision", node(.string(precision))))
        if adapter, let table = configuration.resolved["student"]?["adapter"] {
            entries.append(ConfigurationEntry("adapter", table))
        }
        return .table(entries)
    }

    /// A section without the keys of its teachers that change no response.
    private func withoutReach(_ value: ConfigurationValue, of section: String) -> ConfigurationValue
    {
        switch (section, value) {
        case ("teachers", .list(let teachers)):
            return .list(teachers.map { registry.material(.teacher, of: $0) })
        case ("label", .table(var keys)):
            for index in keys.indices where keys[index].key == "judge" {
                keys[index].node = registry.material(.teacher, of: keys[index].node)
            }
            return .table(keys)
        default: return value
        }
    }

    /// The paths among these that the user gave, and no stage makes.
    func givenFiles(_ paths: [String]) -> [String] {
        let made = StageID.allCases.map { "\(folder($0))/" }
        return paths.filter { path in !made.contains { path.hasPrefix($0) } }
    }

    /// The models among these that the user gave, and those under their adapters.
    ///
    /// - Throws: ``RefluxError`` of kind `input` for an adapter that cannot be read.
    func givenModels(_ paths: [String]) throws -> [String] {
        let given = givenFiles(paths)
        return given + givenFiles(try given.flatMap { try models.models(under: $0) })
    }

    /// `prepare`, when this run has it.
    var preparation: [StageID] { configuration.prepare == nil ? [] : [.prepare] }

    /// The path of a model that is known by a role.
    ///
    /// - Throws: ``RefluxError`` when no model has the role.
    func model(_ role: String) throws -> String {
        guard let path = buildContext().roles[role] else {
            throw RefluxError(.internalFault, found: "no model has the role \"\(role)\"")
        }
        return path
    }

    private func node(_ value: ConfigurationValue) -> ConfigurationNode {
        ConfigurationNode(value, at: configuration.source.location)
    }
}

extension ConfigurationValue {
    /// A table, or each table of a list, without some keys.
    fileprivate func without(_ keys: [String]) -> ConfigurationValue {
        switch self {
        case .table(let entries): .table(entries.filter { !keys.contains($0.key) })
        case .list(let nodes):
            .list(nodes.map { ConfigurationNode($0.value.without(keys), at: $0.location) })
        default: self
        }
    }
}
