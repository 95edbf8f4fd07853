import RefluxCore

/// The settings of ``EnsembleReward``.
struct EnsembleSettings: Sendable {
    /// One of the models.
    struct Member: Sendable {
        /// The table that it is made from, with every default.
        var table: ConfigurationNode
        /// The seed of its training and of its new weights.
        var seed: UInt64

        /// Whether it is a saved model, and not to be fitted.
        var isLoaded: Bool {
            guard case .table(let entries) = table.value else { return false }
            return entries.contains { $0.key == "load" }
        }
    }

    /// The models.
    var members: [Member]
    /// How much their disagreement costs, in deviations.
    var lambda = 1.0
    /// Whether the members' scores are brought to one scale before they are compared.
    var isStandardised = true

    /// Reads `members`, `lambda` and `standardise`. Every member is made once, so that what is wrong
    /// with its table is told at once.
    ///
    /// - Throws: ``RefluxError`` of kind `usage` when there are fewer than two members, and what the
    ///   members' own tables have wrong.
    init(_ reader: ConfigurationReader, context: BuildContext) throws {
        let tables = try reader.tables("members")
        guard tables.count >= 2 else {
            throw reader.wrong(
                "members",
                wanted: "a list of tables, at least 2, each with a reward model's keys")
        }
        members = try tables.enumerated().map { place, table in
            let given = try table.optionalInt("seed").map { UInt64($0) }
            let seed = given ?? context.seed &+ UInt64(place)
            _ = try context.registry.make(
                .rewardModel, from: table, context: context.with(seed: seed))
            return Member(table: table.resolved.without("seed"), seed: seed)
        }
        reader.record("members", .list(tables.map(\.resolved)))
        lambda = try reader.double("lambda", default: lambda, in: 0...1000)
        isStandardised = try reader.bool("standardise", default: isStandardised)
    }

    /// The tables of the members in the table of an ensemble.
    static func members(of table: ConfigurationNode) -> [ConfigurationNode] {
        guard case .table(let entries) = table.value,
            case .list(let members)? = entries.first(where: { $0.key == "members" })?.node.value
        else { return [] }
        return members
    }
}

extension BuildContext {
    /// The same context with another seed.
    func with(seed: UInt64) -> BuildContext {
        var context = self
        context.seed = seed
        return context
    }
}

extension ConfigurationNode {
    /// The table without some keys.
    func without(_ keys: String...) -> ConfigurationNode {
        guard case .table(let entries) = value else { return self }
        return ConfigurationNode(
            .table(entries.filter { !keys.contains($0.key) }), at: location)
    }
}
