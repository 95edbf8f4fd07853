import RefluxCore

/// One of the models of an ensemble.
struct EnsembleMember: Sendable {
    /// The table that it is made from.
    let table: ConfigurationNode
    /// What it is called in errors and metrics.
    let name: String
    /// The model.
    let model: any RewardModel
    /// Where its scores of the training responses lie.
    var spread = FeatureScale.Spread.identity

    /// Makes a member that is still to be fitted.
    init(
        made table: ConfigurationNode, place: Int, seed: UInt64, _ context: BuildContext
    ) throws {
        self.table = table
        name = "member\(place)"
        model = try context.registry.make(
            .rewardModel, from: try ConfigurationReader(table), context: context.with(seed: seed))
    }

    /// Loads a member that was saved. A built-in model keeps its settings beside its weights and takes
    /// no others; a plugin's is given the ones that it was made with.
    init(
        loaded folder: String, table: ConfigurationNode, place: Int,
        spread: FeatureScale.Spread, _ context: BuildContext
    ) throws {
        var entries: [ConfigurationEntry] = []
        if case .table(let all) = table.value { entries = all }
        if case .string(let id)? = entries.first(where: { $0.key == "use" })?.node.value,
            context.registry.origin(of: .rewardModel, id: id) == .builtIn
        {
            entries.removeAll { $0.key != "use" }
        }
        entries.removeAll { $0.key == "load" }
        entries.append(
            ConfigurationEntry(
                "load", ConfigurationNode(.string(folder), at: table.location)))
        self.table = table
        name = "member\(place)"
        model = try context.registry.make(
            .rewardModel,
            from: try ConfigurationReader(ConfigurationNode(.table(entries), at: table.location)),
            context: context)
        self.spread = spread
    }

    /// The model's scores.
    ///
    /// - Throws: what the model throws, with the member's name, and the same where its scores do not
    ///   fit. Cancellations and broken parts pass as they are.
    func score(_ items: [ScoringItem]) async throws -> [Double] {
        let scores = try await named { try await model.score(items) }
        guard scores.count == items.count, scores.allSatisfy(\.isFinite) else {
            throw RefluxError(
                .internalFault, found: "\(name) of the ensemble gave \(scores.count) scores",
                wanted: "a finite one for each of the \(items.count) responses")
        }
        return scores
    }

    /// Runs what the member does and puts its name into errors.
    func named<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch var error as RefluxError {
            if error.kind != .broken { error.found = "\(name) of the ensemble: \(error.found)" }
            throw error
        }
    }
}
