import RefluxCore

/// What the stages say about their inputs.
extension StageContext {
    /// Resolved sections under their names, and the arithmetic, which every stage depends on.
    ///
    /// Left out are keys that change nothing in the stages that name the section: `task.test`, which
    /// only the evaluation reads, and the floor, which only lets reinforcement start.
    /// `task.held_out` counts only where the stage says so.
    func settings(_ sections: String..., heldOut: Bool = false) -> ConfigurationValue {
        let ignored = [
            "task": heldOut ? ["test"] : ["test", "held_out"],
            "reward": ["floor", "override_floor"],
        ]
        var entries = sections.map { name in
            let value = configuration.resolved(name)
            guard let keys = ignored[name], case .table(let entries) = value else {
                return ConfigurationEntry(name, node(value))
            }
            let kept = entries.filter { !keys.contains($0.key) }
            return ConfigurationEntry(name, node(.table(kept)))
        }
        let precision = configuration.student.precision.rawValue
        entries.append(ConfigurationEntry("precision", node(.string(precision))))
        return .table(entries)
    }

    /// The paths among these that the user gave, and no stage makes.
    func givenFiles(_ paths: [String]) -> [String] {
        let made = StageID.allCases.map { "\(folder($0))/" }
        return paths.filter { path in !made.contains { path.hasPrefix($0) } }
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
